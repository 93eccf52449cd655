-- Appends to several streams, whatever `append` makes of one: what one of them refuses is nothing to the others.
-- ARGV[2…] for each stream: how many arguments it has, then those
-- Returns for each stream: how many items follow, then what `append` returned

local replies = {}
local first = 2
for at = 1, #KEYS, 2 do
  local last = first + ARGV[first]
  local reply = append(at, first + 1, last)
  replies[#replies + 1] = #reply
  for _, item in ipairs(reply) do
    replies[#replies + 1] = item
  end
  first = last + 1
end
return replies
