-- Adds to several logs (lib/append.lua): what one of them refuses is nothing to the others.
-- ARGV[2…] for each log: how many arguments it has, then those
-- RETURNS for each log: how many items follow, then what `append` returned
-- @include log
-- @include append

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
