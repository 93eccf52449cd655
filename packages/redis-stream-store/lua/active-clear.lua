-- Forgets which stream answers a chat, if it is still this one.
-- ARGV[2] the stream's id
-- RETURNS { OK } or { FOREIGN }
-- @include active

local standing = find_standing()
if standing == nil then
  return { FOREIGN }
end
if standing == ARGV[2] then
  redis.call('DEL', KEYS[1])
end
return { OK }
