-- Takes the oldest entry of a queue, if it is still the one that the caller has seen.
-- KEYS[1] <prefix>:queue:<id>  List of JSON, the oldest first
-- ARGV[3] the entry's digest
-- RETURNS { 1 } or { 0 }
-- @include once
-- @include digest

local reply = earlier()
if reply then
  return reply
end
local head = redis.call('LINDEX', KEYS[1], 0)
if not head or digest_of(head) ~= ARGV[3] then
  return done(0)
end
redis.call('LPOP', KEYS[1])
return done(1)
