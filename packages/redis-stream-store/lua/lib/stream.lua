-- What every script of a stream shares.
--
-- KEYS[1] <prefix>:<id>:status  String, JSON (PROTOCOL.md, "Redis layout")
-- KEYS[2] <prefix>:<id>:chunks  List, one element a chunk
-- @include redis-stream-store/base

-- The status, or nil and why: NOT_FOUND, or FOREIGN if the key holds something else.
-- A lease that has lapsed ends the stream here and now.
-- `ttl` is for a status that another library wrote, without ours.
local function load_status(at, ttl)
  local json = unless_foreign(redis.pcall('GET', KEYS[at]))
  if not json then
    return nil, json == false and NOT_FOUND or FOREIGN
  end
  local is_json, status = pcall(cjson.decode, json)
  if not is_json or type(status) ~= 'table' then
    return nil, FOREIGN
  end
  if type(status.state) ~= 'string' or type(status.totalChunks) ~= 'number' then
    return nil, FOREIGN
  end
  status.ttl = status.ttl or tonumber(ttl)
  status.epoch = status.epoch or ''
  if status.leaseUntil and status.state == 'active' and now_ms() >= status.leaseUntil then
    status.state = 'error'
    status.error = 'producer lost'
    save(at, status)
    announce(status)
  end
  return status
end
