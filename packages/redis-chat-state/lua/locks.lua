-- Some of the locks of one node.
-- ARGV[1] mark put before every string in the reply
-- ARGV[2] where the last call stopped, '0' to begin
-- ARGV[3] pattern of the keys
-- RETURNS { where to go on, '0' at the end, then for each lock: key, token, ms that are left }

local mark = ARGV[1]
local cursor, keys = unpack(redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', 500))
local reply = { mark .. cursor }
for _, key in ipairs(keys) do
  local token = redis.pcall('GET', key)
  -- Not for this node to say while the key moves from one to another.
  local left = redis.pcall('PTTL', key)
  if type(token) == 'string' and type(left) == 'number' and left > 0 then
    reply[#reply + 1] = mark .. key
    reply[#reply + 1] = mark .. token
    reply[#reply + 1] = left
  end
end
return reply
