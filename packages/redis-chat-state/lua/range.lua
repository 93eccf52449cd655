-- KEYS[1] <prefix>:list:<key> or <prefix>:queue:<id>
-- ARGV[1] mark put before every string in the reply
-- ARGV[2] last index to return, -1 for all
-- RETURNS { entry…, the oldest first }

local entries = redis.call('LRANGE', KEYS[1], 0, ARGV[2])
if ARGV[1] ~= '' then
  for i = 1, #entries do
    entries[i] = ARGV[1] .. entries[i]
  end
end
return entries
