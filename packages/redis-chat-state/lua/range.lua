-- KEYS[1] <prefix>:list:<key>
-- ARGV[1] mark put before every string in the reply
-- RETURNS { entry…, the oldest first }

local entries = redis.call('LRANGE', KEYS[1], 0, -1)
if ARGV[1] ~= '' then
  for i = 1, #entries do
    entries[i] = ARGV[1] .. entries[i]
  end
end
return entries
