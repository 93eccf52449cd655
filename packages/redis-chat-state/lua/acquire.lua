-- Takes a lock.
-- KEYS[1] <prefix>:lock:<id>  String: the token, always with a TTL
-- KEYS[2] the token's receipt, a String: '0' once the token is done with, refused or given back.
--         An attempt that was late on its way must not take a lock then that nobody knows of.
-- ARGV[3] token, its own for each attempt to take a lock: finding it means that this one's reply was lost
-- ARGV[4] TTL in ms
-- RETURNS { 1 } or { 0 } if somebody else has it
-- @include once

local reply = earlier()
if reply then
  return reply
end
if redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4], 'NX') or redis.call('GET', KEYS[1]) == ARGV[3] then
  return { 1 }
end
return done(0)
