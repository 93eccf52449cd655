-- One consistent look at a stream: its status and the chunks behind a cursor.
-- ARGV[2] cursor: the seq after which to read
-- ARGV[3] bytes of chunks to return at most, unless the first alone is longer; 0 for none
-- ARGV[4] TTL in s, for a stream that has none of its own
-- RETURNS { OK, status as JSON, chunk… }, { NOT_FOUND } or { LOST }
-- @include stream

local MOST = 2000 -- elements of one LRANGE

local status = load_status(ARGV[4])
if not status then
  return { NOT_FOUND }
end
local room = tonumber(ARGV[3])
local reply = { OK, text(cjson.encode(status)) }
if room == 0 then
  return reply
end
if redis.call('LLEN', KEYS[2]) < status.totalChunks then
  return { LOST }
end

-- Not much more than fits is taken out of the list: from the average size of a chunk.
local average = math.max((status.bytes or 0) / math.max(status.totalChunks, 1), 1)
local step = math.max(1, math.min(MOST, math.ceil(room / average)))
local start = tonumber(ARGV[2])
while start < status.totalChunks do
  local stop = math.min(start + step, status.totalChunks) - 1
  for _, chunk in ipairs(redis.call('LRANGE', KEYS[2], integer(start), integer(stop))) do
    room = room - #chunk
    if room < 0 and #reply > 2 then
      return reply
    end
    reply[#reply + 1] = text(chunk)
  end
  if room <= 0 then
    return reply
  end
  start = stop + 1
end
return reply
