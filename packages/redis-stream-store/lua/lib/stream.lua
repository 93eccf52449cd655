-- What every script of a stream shares.
--
-- KEYS[1] <prefix>:<id>:status  String, JSON (PROTOCOL.md, "Redis layout")
-- KEYS[2] <prefix>:<id>:chunks  List, one element a chunk
--         and so on in pairs, for a script that takes several streams
-- ARGV[1] mark put before every string in the reply ('' where the client hands over bytes as they are)
--
-- A script that fails half way is not rolled back: check everything before the first write.

local OK, NOT_FOUND, EXISTS, NOT_ACTIVE, FENCED, LIMIT, LOST = 1, -1, -2, -3, -4, -5, -6

local function text(value)
  return ARGV[1] .. value
end

local function integer(number)
  return string.format('%.0f', number) -- tostring() keeps 14 digits only
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Stores the status of the stream whose first key is KEYS[at], and renews lease and TTL.
local function save(at, status)
  local keep_ms = status.ttl * 1000
  if status.state == 'active' and status.lease then
    status.leaseUntil = now_ms() + status.lease
    keep_ms = math.max(keep_ms, 2 * status.lease)
  end
  redis.call('SET', KEYS[at], cjson.encode(status), 'PX', integer(keep_ms))
  redis.call('PEXPIRE', KEYS[at + 1], integer(keep_ms))
end

-- Tells those who listen what is new, last of all: where a user may not publish, nothing else fails.
-- `chunk` is the last one, if it is the only new one.
local function announce(status, chunk)
  if status.notify then
    local message = status.epoch .. ':' .. integer(status.totalChunks)
    if chunk and #chunk <= 8192 then
      message = message .. ':' .. chunk
    end
    redis.pcall('PUBLISH', status.notify, message)
  end
end

local function finish(at, status, state, message)
  status.state = state
  status.error = message
  save(at, status)
  announce(status)
end

-- The status, nil if there is none. A lease that has lapsed ends the stream here and now.
-- `ttl` is for a status that another library wrote, without ours.
local function load_status(at, ttl)
  local json = redis.call('GET', KEYS[at])
  if not json then
    return nil
  end
  local status = cjson.decode(json)
  status.ttl = status.ttl or tonumber(ttl)
  status.epoch = status.epoch or ''
  if status.state == 'active' and status.leaseUntil and now_ms() >= status.leaseUntil then
    finish(at, status, 'error', 'producer lost')
  end
  return status
end
