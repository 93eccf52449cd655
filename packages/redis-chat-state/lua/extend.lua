-- Prolongs a lock, if it is still this one.
-- KEYS[1] <prefix>:lock:<id>
-- ARGV[3] token
-- ARGV[4] TTL in ms from now
-- RETURNS { 1 } or { 0 }
-- @include once

local reply = earlier()
if reply then
  return reply
end
local is_held = redis.call('GET', KEYS[1]) == ARGV[3]
return done(is_held and redis.call('PEXPIRE', KEYS[1], ARGV[4]) or 0)
