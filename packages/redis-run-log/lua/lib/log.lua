-- What every script of a run log shares.
--
-- KEYS[1] {<prefix>:<runId>}:meta  String, JSON: the status (PROTOCOL.md, "Run logs")
-- KEYS[2] <prefix>:<runId>         Stream, one entry a chunk, and how the run ended as the last
-- @include redis-stream-store/base

local FOREIGN_EPOCH = 'foreign' -- begins that of a log that somebody else has begun: it has no status
local LOST_TEXT = 'producer lost'
local LOST_ENTRY = 'event: error\ndata: {"error":{"message":"' .. LOST_TEXT .. '"}}\n\n'

-- Adds an entry and returns its id. `trim`: about how many to keep, if not all.
local function add_entry(key, seq, data, is_last, trim)
  local entry = { key, '*', 'seq_id', seq, 'data', data, 'timestamp', string.format('%.0f', now_ms()) }
  if trim then
    entry = { key, 'MAXLEN', '~', trim, unpack(entry, 2) }
  end
  if is_last then
    entry[#entry + 1] = 'complete'
    entry[#entry + 1] = 'true'
  end
  return redis.call('XADD', unpack(entry))
end

-- Stores the status, without what is worked out at each look.
local function keep_status(at, status)
  status.quietMs = nil
  status.isUnkept = nil
  save(at, status)
end

-- Ends the log by an entry that says how.
local function finish(at, status, state, message, data)
  status.state = state
  status.error = state == 'error' and message or nil
  status.markers = 1
  status.lastId = add_entry(KEYS[at + 1], status.totalChunks + 1, data, true)
  keep_status(at, status)
  announce(status)
end

-- An entry's seq, nil if it has none, its data, and whether it is the last of its run.
local function fields_of(entry)
  local seq, is_last
  local data = ''
  local fields = entry[2]
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if name == 'data' then
      data = value
    elseif name == 'seq_id' then
      seq = string.find(value, '^%d+$') and #value < 15 and tonumber(value) or nil
    elseif name == 'complete' then
      is_last = value == 'true'
    end
  end
  return seq, data, is_last
end

-- When an entry was added, on the server's clock: the first half of its id.
local function ms_of(id)
  return tonumber(string.match(id, '^%d+'))
end

-- @include foreign

-- The status, or nil and why: NOT_FOUND, or FOREIGN if a key holds something else. Worked out, and not stored, are
-- `isUnkept`, true of a log without a status, and `quietMs`, for how long a writer without a lease has been silent.
-- A lease that has lapsed ends the log here and now.
local function load_status(at, ttl)
  local json = unless_foreign(redis.pcall('GET', KEYS[at]))
  if not json then
    if json == nil then
      return nil, FOREIGN
    end
    return foreign_status(at, ttl)
  end
  local is_json, status = pcall(cjson.decode, json)
  if not is_json or type(status) ~= 'table' then
    return nil, FOREIGN
  end
  if type(status.state) ~= 'string' or type(status.totalChunks) ~= 'number' then
    return nil, FOREIGN
  end
  if status.leaseUntil and status.state == 'active' and now_ms() >= status.leaseUntil then
    finish(at, status, 'error', LOST_TEXT, LOST_ENTRY)
  end
  -- Somebody else's log to which one of ours has added: there is no lease to say that its writer is gone.
  local is_foreign = string.find(status.epoch, '^' .. FOREIGN_EPOCH)
  if is_foreign and not status.leaseUntil and status.state == 'active' then
    status.quietMs = now_ms() - ms_of(status.lastId)
  end
  return status
end
