// Generated from lua/*.lua by `pnpm lua`. Do not edit.
import type { RedisScript } from "./redis-driver.ts";

export const serverScript: RedisScript = {
  name: "server",
  sha1: "f14e91460b7c0b32ae561d2bf431fd9e9c3455b2",
  source: "local info = redis.pcall('INFO', 'server')\nlocal version = type(info) == 'string' and string.match(info, 'redis_version:([%d.]+)')\nreturn { 1, ARGV[1] .. (version or '') }",
};
