-- One look at any number of streams: of each the status and the chunks behind a cursor, or nothing if
-- it is still as the caller has seen it. All streams of one call are seen at the same moment.
-- ARGV[2] bytes that the chunks may cost their reader, unless the first alone costs more; 0 for none
-- ARGV[3] TTL in s, for a stream that has none of its own
-- then for each stream:
--   cursor: the seq after which to read
--   epoch of the active stream that the caller has seen, with no chunk behind the cursor; '-' for none
-- RETURNS { OK, then for each stream that is not as seen: its number from 1, OK, status as JSON, how
--         many chunks follow, chunk…; or its number, NOT_FOUND, LOST or FOREIGN, '', 0 }
-- @include stream

local MOST = 2000 -- elements of one LRANGE
local OVERHEAD = 48 -- bytes that a chunk costs its reader beyond its text

local reply = { OK }
local size = 1 -- of the reply: `#` would search for it, chunk by chunk
local room = tonumber(ARGV[2])
local whole = room

local function add(value)
  size = size + 1
  reply[size] = value
end

-- Adds the chunks behind `cursor`, as many as there is room for, and returns how many.
local function add_chunks(key, status, cursor)
  -- Not much more than fits is taken out of the list: from the average size of a chunk.
  local average = (status.bytes or 0) / math.max(status.totalChunks, 1) + OVERHEAD
  local step = math.max(1, math.min(MOST, math.ceil(room / average)))
  local count = 0
  while cursor + count < status.totalChunks and room > 0 do
    local start = cursor + count
    local stop = math.min(start + step, status.totalChunks) - 1
    local chunks = redis.call('LRANGE', key, start, stop)
    for i = 1, #chunks do
      local chunk = chunks[i]
      local cost = #chunk + OVERHEAD
      if cost > room and room < whole then
        room = 0
        return count
      end
      room = room - cost
      count = count + 1
      size = size + 1
      reply[size] = MARK == '' and chunk or MARK .. chunk -- a mark of nothing would copy it
    end
  end
  return count
end

for number = 1, #KEYS / 2 do
  local at = 2 * number - 1
  local cursor = tonumber(ARGV[2 * number + 2])
  local seen = ARGV[2 * number + 3]
  local status, missing = load_status(at, ARGV[3])
  if status and whole > 0 then
    local held = unless_foreign(redis.pcall('LLEN', KEYS[at + 1]))
    if not held then
      missing = FOREIGN
    elseif held < status.totalChunks then
      missing = LOST
    end
  end
  if missing then
    add(number)
    add(missing)
    add(MARK)
    add(0)
  elseif status.epoch ~= seen or status.state ~= 'active' or status.totalChunks ~= cursor then
    add(number)
    add(OK)
    add(MARK .. cjson.encode(status))
    add(0)
    local counted = size
    reply[counted] = add_chunks(KEYS[at + 1], status, cursor)
  end
end
return reply
