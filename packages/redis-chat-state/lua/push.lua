-- Puts an entry behind the others, keeps the newest, and renews the TTL.
-- KEYS[1] <prefix>:list:<key>, <prefix>:queue:<id> or <prefix>:dead:<id>  List of JSON, the oldest first
-- ARGV[3] JSON
-- ARGV[4] how many to keep, 0 for all
-- ARGV[5] TTL in ms, 0 to leave it as it is
-- RETURNS { how many there are now }
-- @include once

local reply = earlier()
if reply then
  return reply
end
redis.call('RPUSH', KEYS[1], ARGV[3])
if ARGV[4] ~= '0' then
  redis.call('LTRIM', KEYS[1], '-' .. ARGV[4], -1)
end
if ARGV[5] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return done(redis.call('LLEN', KEYS[1]))
