-- Looks at the oldest entry of a queue.
-- KEYS[1] <prefix>:queue:<id>  List of JSON, the oldest first
-- ARGV[1] mark put before every string in the reply
-- RETURNS { the entry, its digest } or {}
-- @include digest

local head = redis.call('LINDEX', KEYS[1], 0)
if not head then
  return {}
end
return { ARGV[1] .. head, ARGV[1] .. digest_of(head) }
