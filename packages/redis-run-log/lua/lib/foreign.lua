-- A log of another writer, such as Letta's server, is known by its first entry and its last ones only.

-- Its epoch, which differs once entries have come a second time, as from a restarted writer that counts from 1
-- again, or from a flush that was repeated: the seqs alone would not tell a reader. More entries do not change it.
local function foreign_epoch(held, first_seq, last_seq)
  local extra = held - (last_seq - (first_seq or last_seq) + 1)
  return extra > 0 and FOREIGN_EPOCH .. string.format('-%.0f', extra) or FOREIGN_EPOCH
end

local function is_done(data)
  return string.find(data, '^data: ?%[DONE%]%s*$') ~= nil
end

-- One event, called `error`: what else an entry holds is a chunk.
local function is_error(data)
  local is_one = not string.find(data, '\n\r?\n.*[^\r\n]') and not string.find(data, '\r\r.*[^\r\n]')
  return is_one and string.find('\n' .. data, '[\r\n]event: ?error[ \t]*[\r\n]') ~= nil
end

-- What an error's entry says: {"error": {"message": text}}, {"error": text} or {"message": text}.
local function error_text(data)
  local json = string.match('\n' .. data, '[\r\n]data: ?([^\r\n]*)') or data
  local is_json, value = pcall(cjson.decode, json)
  for _ = 1, 2 do
    if is_json and type(value) == 'table' then
      local has_error = value.error and value.error ~= cjson.null
      value = has_error and value.error or value.message
    end
  end
  return is_json and type(value) == 'string' and value or json
end

local function foreign_status(at, ttl)
  -- Newest first. Behind the last entry of a run Letta may put one more `[DONE]`, counted from 1 again.
  local tail = unless_foreign(redis.pcall('XREVRANGE', KEYS[at + 1], '+', '-', 'COUNT', 4))
  if not tail or #tail == 0 then
    return nil, tail and NOT_FOUND or FOREIGN
  end
  local last = 1
  for i = 2, #tail do
    local _, _, is_last = fields_of(tail[i])
    last = is_last and i or last
  end
  local seq, data, is_last = fields_of(tail[last])
  if not seq then
    return nil, FOREIGN
  end
  local first = redis.call('XRANGE', KEYS[at + 1], '-', '+', 'COUNT', 1)[1]
  local held = redis.call('XLEN', KEYS[at + 1]) - (last - 1)
  local status = {
    state = is_last and 'done' or 'active',
    totalChunks = seq,
    markers = 0,
    epoch = foreign_epoch(held, fields_of(first), seq),
    ttl = tonumber(ttl),
    lastId = tail[last][1],
    quietMs = not is_last and now_ms() - ms_of(tail[1][1]) or nil,
    isUnkept = true,
  }
  -- An error may have an entry of its own before the `[DONE]`.
  local failure = is_error(data) and data
  status.markers = (failure or is_done(data)) and 1 or 0
  if is_done(data) and tail[last + 1] then
    local _, before = fields_of(tail[last + 1])
    if is_error(before) then
      failure = before
      status.markers = 2
    end
  end
  if is_last and failure then
    status.state = 'error'
    status.error = error_text(failure)
  end
  status.totalChunks = seq - status.markers
  return status
end
