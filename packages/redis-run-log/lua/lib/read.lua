-- One look at any number of logs: of each the status and the entries behind a cursor, or nothing if it is
-- still as the caller has seen it. All logs of one call are seen at the same moment.
-- ARGV[2] bytes that the entries may cost their reader, unless the first alone costs more; 0 for none
-- ARGV[3] TTL in s, for a log that has none of its own
-- ARGV[4] after how many ms of silence a writer without a lease counts as gone
-- ARGV[5] entries of one log, at most
-- then for each log:
--   cursor: the seq after which to read
--   epoch of the active log that the caller has seen, with no entry behind the cursor; '-' for none
-- Returns { OK, then for each log that is not as seen: its number from 1, OK, status as JSON, how
--         many entries follow, data…; or its number, NOT_FOUND, LOST, ABANDONED or FOREIGN, '', 0 }

local ABANDONED = -9
local OVERHEAD = 48 -- bytes that an entry costs its reader beyond its data

local reply = { OK }
local room = tonumber(ARGV[2])
local whole = room

-- @include seek

-- The entries behind `cursor`, as many as there is room for. None if the first of them is gone: only who wants them
-- cares, and notices.
local function entries_behind(key, status, cursor, total)
  local found = {}
  seek(key, status, cursor, math.min(total - cursor, tonumber(ARGV[5])), function(entry)
    local seq, data = fields_of(entry)
    if seq ~= cursor + #found + 1 then
      return false
    end
    local cost = #data + OVERHEAD
    if cost > room and room < whole then
      room = 0
      return false
    end
    room = room - cost
    found[#found + 1] = MARK == '' and data or MARK .. data
    return room > 0
  end)
  return found
end

local function add(...)
  for _, value in ipairs({ ... }) do
    reply[#reply + 1] = value
  end
end

-- `shows_end`: whether entries that say how a run ended count, and one that is abandoned has no end.
local function read_logs(shows_end)
  for number = 1, #KEYS / 2 do
    local at = 2 * number - 1
    local cursor = tonumber(ARGV[2 * number + 4])
    local seen = ARGV[2 * number + 5]
    local status, missing = load_status(at, ARGV[3])
    local found = {}
    if status then
      status.lastSeq = status.totalChunks + (status.markers or 0)
      if shows_end then
        status.totalChunks = status.lastSeq
      end
      if whole > 0 and not is_whole(KEYS[at + 1], status) then
        missing = LOST
      elseif whole > 0 and room > 0 and cursor < status.totalChunks then
        found = entries_behind(KEYS[at + 1], status, cursor, status.totalChunks)
      end
      local is_gone = status.quietMs and status.quietMs >= tonumber(ARGV[4])
      if is_gone and not shows_end then
        status.state = 'error'
        status.error = LOST_TEXT
      elseif is_gone and whole > 0 and cursor == status.totalChunks then
        missing = ABANDONED
      end
    end
    if missing then
      add(number, missing, MARK, 0)
    elseif status.epoch ~= seen or status.state ~= 'active' or status.totalChunks ~= cursor then
      add(number, OK, MARK .. cjson.encode(status), #found)
      for i = 1, #found do
        reply[#reply + 1] = found[i]
      end
    end
  end
  return reply
end
