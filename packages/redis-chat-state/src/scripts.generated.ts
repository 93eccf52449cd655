// Generated from lua/*.lua by `pnpm lua`. Do not edit.
import type { RedisScript } from "@streambed/redis-driver";

export const acquireScript: RedisScript = {
  name: "acquire",
  sha1: "f11a6156d5c6632e42f92322867b0211bc250ef4",
  source: "if redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'NX') then\nreturn { 1 }\nend\nreturn { redis.call('GET', KEYS[1]) == ARGV[2] and 1 or 0 }",
};

export const addMemberScript: RedisScript = {
  name: "add-member",
  sha1: "db8591bb9b8da2a860b0f2a782197e41f3cd33be",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nreturn earlier() or done(redis.call('SADD', KEYS[1], ARGV[3]))",
};

export const deleteScript: RedisScript = {
  name: "delete",
  sha1: "a52df895ae8fecf4f48c64cb32d4fab2a7280f74",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nreturn earlier() or done(redis.call('DEL', KEYS[1]))",
};

export const extendScript: RedisScript = {
  name: "extend",
  sha1: "e0f0f29e5139ab4d1756e53684dbd75521351283",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nlocal is_held = redis.call('GET', KEYS[1]) == ARGV[3]\nreturn done(is_held and redis.call('PEXPIRE', KEYS[1], ARGV[4]) or 0)",
};

export const getScript: RedisScript = {
  name: "get",
  sha1: "b4f494e775cee2453b81d12c9b581347afbd61b9",
  source: "local value = redis.call('GET', KEYS[1])\nreturn { value and ARGV[1] .. value or nil }",
};

export const isMemberScript: RedisScript = {
  name: "is-member",
  sha1: "9c3e5f3e43b4c0f78ae732b070059be809187fdb",
  source: "return { redis.call('SISMEMBER', KEYS[1], ARGV[2]) }",
};

export const lengthScript: RedisScript = {
  name: "length",
  sha1: "d6322e777bc4fbf2f4ce448b419ee71faef51e1b",
  source: "return { redis.call('LLEN', KEYS[1]) }",
};

export const locksScript: RedisScript = {
  name: "locks",
  sha1: "ac66e10d7c4da5616dcbf2c674e4c506d2e22e02",
  source: "local mark = ARGV[1]\nlocal cursor, keys = unpack(redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', 500))\nlocal reply = { mark .. cursor }\nfor _, key in ipairs(keys) do\nlocal token = redis.pcall('GET', key)\nlocal left = redis.call('PTTL', key)\nif type(token) == 'string' and left > 0 then\nreply[#reply + 1] = mark .. key\nreply[#reply + 1] = mark .. token\nreply[#reply + 1] = left\nend\nend\nreturn reply",
};

export const pingScript: RedisScript = {
  name: "ping",
  sha1: "ca9fd33efb1caf7e64327a1840998155a2774c24",
  source: "return { 1 }",
};

export const pushScript: RedisScript = {
  name: "push",
  sha1: "9b88679986fda738ff88686d62824421f11ca460",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nredis.call('RPUSH', KEYS[1], ARGV[3])\nif ARGV[4] ~= '0' then\nredis.call('LTRIM', KEYS[1], '-' .. ARGV[4], -1)\nend\nif ARGV[5] ~= '0' then\nredis.call('PEXPIRE', KEYS[1], ARGV[5])\nend\nreturn done(redis.call('LLEN', KEYS[1]))",
};

export const rangeScript: RedisScript = {
  name: "range",
  sha1: "ec6027fd1203923a2373ff3bb53e136b2b5da082",
  source: "local entries = redis.call('LRANGE', KEYS[1], 0, ARGV[2])\nif ARGV[1] ~= '' then\nfor i = 1, #entries do\nentries[i] = ARGV[1] .. entries[i]\nend\nend\nreturn entries",
};

export const releaseScript: RedisScript = {
  name: "release",
  sha1: "a6f80c8e265e56bcdd1cb53b5f7b7b2fbeda3859",
  source: "if redis.call('GET', KEYS[1]) ~= ARGV[2] then\nreturn { 0 }\nend\nreturn { redis.call('DEL', KEYS[1]) }",
};

export const removeMemberScript: RedisScript = {
  name: "remove-member",
  sha1: "a2418c9bd53cc1f9c74f32e59f9f69e0cfda4162",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nreturn earlier() or done(redis.call('SREM', KEYS[1], ARGV[3]))",
};

export const setScript: RedisScript = {
  name: "set",
  sha1: "49673abba0e81bb0eafa94a3b77478240e3076bb",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nlocal command = { 'SET', KEYS[1], ARGV[3] }\nif ARGV[4] ~= '0' then\ncommand[#command + 1] = 'PX'\ncommand[#command + 1] = ARGV[4]\nend\nif ARGV[5] == '1' then\ncommand[#command + 1] = 'NX'\nend\nreturn done(redis.call(unpack(command)) and 1 or 0)",
};

export const takeScript: RedisScript = {
  name: "take",
  sha1: "f2066165846b6b8655939a4a539927ba41081965",
  source: "local function earlier()\nlocal result = KEYS[2] and redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nif KEYS[2] then\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nend\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nif redis.call('LINDEX', KEYS[1], 0) ~= ARGV[3] then\nreturn done(0)\nend\nredis.call('LPOP', KEYS[1])\nreturn done(1)",
};
