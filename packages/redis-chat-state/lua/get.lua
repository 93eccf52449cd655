-- KEYS[1] <prefix>:cache:<key>
-- ARGV[1] mark put before every string in the reply
-- RETURNS { the value } or {}

local value = redis.call('GET', KEYS[1])
return { value and ARGV[1] .. value or nil }
