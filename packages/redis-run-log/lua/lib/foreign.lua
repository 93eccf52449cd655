-- A log of another writer, such as Letta's server, is known by its last entries only.

local function is_done(data)
  return string.find(data, '^data: ?%[DONE%]%s*$') ~= nil
end

local function is_error(data)
  return string.find('\n' .. data, '[\r\n]event: ?error[ \t]*[\r\n]') ~= nil
end

-- What an error's entry says: {"error": {"message": text}}, {"error": text} or {"message": text}.
local function error_text(data)
  local json = string.match('\n' .. data, '[\r\n]data: ?([^\r\n]*)') or data
  local is_json, value = pcall(cjson.decode, json)
  for _ = 1, 2 do
    if is_json and type(value) == 'table' then
      value = value.error or value.message
    end
  end
  return type(value) == 'string' and value or json
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
  local status = {
    state = is_last and 'done' or 'active',
    totalChunks = seq,
    markers = 0,
    epoch = FOREIGN_EPOCH,
    ttl = tonumber(ttl),
    lastId = tail[last][1],
    quietMs = not is_last and now_ms() - ms_of(tail[1][1]) or nil,
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
