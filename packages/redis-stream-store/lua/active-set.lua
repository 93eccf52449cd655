-- Points a chat at a stream, unless it points at another one already.
-- ARGV[2] the stream's id
-- ARGV[3] id of a stream that may be replaced, '' for none
-- ARGV[4] TTL in s
-- RETURNS { OK, the id that stands now } or { FOREIGN }
-- @include active

local standing = find_standing()
if standing == nil then
  return { FOREIGN }
end
if standing and standing ~= ARGV[2] and standing ~= ARGV[3] then
  return { OK, MARK .. standing }
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[4])
return { OK, MARK .. ARGV[2] }
