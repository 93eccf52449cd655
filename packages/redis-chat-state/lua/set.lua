-- Writes a value.
-- KEYS[1] <prefix>:cache:<key>  String: JSON
-- ARGV[3] JSON
-- ARGV[4] TTL in ms, 0 for none
-- ARGV[5] '1' to write it only if there is none
-- RETURNS { 1 }, or { 0 } if there was one
-- @include once

local reply = earlier()
if reply then
  return reply
end
local command = { 'SET', KEYS[1], ARGV[3] }
if ARGV[4] ~= '0' then
  command[#command + 1] = 'PX'
  command[#command + 1] = ARGV[4]
end
if ARGV[5] == '1' then
  command[#command + 1] = 'NX'
end
return done(redis.call(unpack(command)) and 1 or 0)
