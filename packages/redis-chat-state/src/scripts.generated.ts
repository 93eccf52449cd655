// Generated from lua/*.lua by `pnpm lua`. Do not edit.
import type { RedisScript } from "@streambed/redis-driver";

export const acquireScript: RedisScript = {
  name: "acquire",
  sha1: "98a7bfc3ddb6f42883f1d81f3e83b9a354e5c70f",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nif redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4], 'NX') or redis.call('GET', KEYS[1]) == ARGV[3] then\nreturn { 1 }\nend\nreturn done(0)",
};

export const addMemberScript: RedisScript = {
  name: "add-member",
  sha1: "4066f6ab5293b82441778091b21d385dd67a9503",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nreturn earlier() or done(redis.call('SADD', KEYS[1], ARGV[3]))",
};

export const deleteScript: RedisScript = {
  name: "delete",
  sha1: "cc0dd0f413223db392975d1dbcad337ae70f33e1",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nreturn earlier() or done(redis.call('DEL', KEYS[1]))",
};

export const extendScript: RedisScript = {
  name: "extend",
  sha1: "b41757849d7ade4f61b2bec8d40e8372dcf75275",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nlocal is_held = redis.call('GET', KEYS[1]) == ARGV[3]\nreturn done(is_held and redis.call('PEXPIRE', KEYS[1], ARGV[4]) or 0)",
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
  sha1: "817c4022b31e9e8ea9d0f568bfab1d7012f2dc67",
  source: "local mark = ARGV[1]\nlocal cursor, keys = unpack(redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', 500))\nlocal reply = { mark .. cursor }\nfor _, key in ipairs(keys) do\nlocal token = redis.pcall('GET', key)\nlocal left = redis.pcall('PTTL', key)\nif type(token) == 'string' and type(left) == 'number' and left > 0 then\nreply[#reply + 1] = mark .. key\nreply[#reply + 1] = mark .. token\nreply[#reply + 1] = left\nend\nend\nreturn reply",
};

export const peekScript: RedisScript = {
  name: "peek",
  sha1: "667b18846b0ea8bf5617b8566493d0a4e095c9e7",
  source: "local digest_of = redis.sha1hex or function(entry)\nreturn entry\nend\nlocal head = redis.call('LINDEX', KEYS[1], 0)\nif not head then\nreturn {}\nend\nreturn { ARGV[1] .. head, ARGV[1] .. digest_of(head) }",
};

export const pingScript: RedisScript = {
  name: "ping",
  sha1: "ca9fd33efb1caf7e64327a1840998155a2774c24",
  source: "return { 1 }",
};

export const pushScript: RedisScript = {
  name: "push",
  sha1: "0f8ca473d26d6023810809d13e71940e2b3fe1d4",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nredis.call('RPUSH', KEYS[1], ARGV[3])\nif ARGV[4] ~= '0' then\nredis.call('LTRIM', KEYS[1], '-' .. ARGV[4], -1)\nend\nif ARGV[5] ~= '0' then\nredis.call('PEXPIRE', KEYS[1], ARGV[5])\nend\nreturn done(redis.call('LLEN', KEYS[1]))",
};

export const rangeScript: RedisScript = {
  name: "range",
  sha1: "ee938acbc0bc17f2da5d24442db1d88074e1913f",
  source: "local entries = redis.call('LRANGE', KEYS[1], 0, -1)\nif ARGV[1] ~= '' then\nfor i = 1, #entries do\nentries[i] = ARGV[1] .. entries[i]\nend\nend\nreturn entries",
};

export const releaseScript: RedisScript = {
  name: "release",
  sha1: "b1ed42b179b84b83c02abda46410d2e7b7b42ea0",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nif redis.call('GET', KEYS[1]) == ARGV[3] then\nredis.call('DEL', KEYS[1])\nend\nreturn done(0)",
};

export const removeMemberScript: RedisScript = {
  name: "remove-member",
  sha1: "34a60ad9de67b7cf73d26ab115c412d055b8d4e5",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nreturn earlier() or done(redis.call('SREM', KEYS[1], ARGV[3]))",
};

export const setScript: RedisScript = {
  name: "set",
  sha1: "641f73e1c96bb32e3f0fd256da9c063a40c6a8c4",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nlocal command = { 'SET', KEYS[1], ARGV[3] }\nif ARGV[4] ~= '0' then\ncommand[#command + 1] = 'PX'\ncommand[#command + 1] = ARGV[4]\nend\nif ARGV[5] == '1' then\ncommand[#command + 1] = 'NX'\nend\nreturn done(redis.call(unpack(command)) and 1 or 0)",
};

export const takeScript: RedisScript = {
  name: "take",
  sha1: "0d6db3581245cde27f95a6f6767443bdcf8d90c2",
  source: "local function earlier()\nlocal result = redis.call('GET', KEYS[2])\nreturn result and { tonumber(result) } or nil\nend\nlocal function done(result)\nredis.call('SET', KEYS[2], result, 'PX', ARGV[2])\nreturn { result }\nend\nlocal digest_of = redis.sha1hex or function(entry)\nreturn entry\nend\nlocal reply = earlier()\nif reply then\nreturn reply\nend\nlocal head = redis.call('LINDEX', KEYS[1], 0)\nif not head or digest_of(head) ~= ARGV[3] then\nreturn done(0)\nend\nredis.call('LPOP', KEYS[1])\nreturn done(1)",
};
