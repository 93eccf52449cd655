-- Stores chunks, all or none, and ends the stream with them if told to. No chunks: a heartbeat.
-- ARGV[2] writer, '' for none
-- ARGV[3] op, names this append
-- ARGV[4] '' to stay active, 'done', or 'error'
-- ARGV[5] the error's text
-- ARGV[6] bytes of all chunks
-- ARGV[7] most chunks of a stream
-- ARGV[8] most bytes of a stream
-- ARGV[9] TTL in s, for a stream that has none of its own
-- ARGV[10] seq behind which the chunks belong, '' for wherever the stream stands
-- ARGV[11…] the chunks
-- RETURNS { OK, last seq, epoch }, { NOT_FOUND }, { NOT_ACTIVE, state }, { FENCED }, { LOST }, { FOREIGN },
--         { LIMIT, 'maxChunks' or 'maxBytes' }, { CONFLICT, last seq }
-- @include stream

local FIRST_CHUNK = 11
local SLICE = 4000 -- unpack() fails from 8,000 values

local status, missing = load_status(1, ARGV[9])
if not status then
  return { missing }
end
if status.op == ARGV[3] then
  return { OK, status.totalChunks, MARK .. status.epoch }
end
if status.writer and status.writer ~= ARGV[2] then
  return { FENCED }
end
if status.state ~= 'active' then
  return { NOT_ACTIVE, MARK .. status.state }
end

local count = #ARGV - FIRST_CHUNK + 1
if count > 0 then
  local total = status.totalChunks + count
  local bytes = (status.bytes or 0) + ARGV[6]
  if ARGV[10] ~= '' and tonumber(ARGV[10]) ~= status.totalChunks then
    return { CONFLICT, status.totalChunks }
  end
  if total > tonumber(ARGV[7]) then
    return { LIMIT, MARK .. 'maxChunks' }
  end
  if bytes > tonumber(ARGV[8]) then
    return { LIMIT, MARK .. 'maxBytes' }
  end
  local held
  for first = FIRST_CHUNK, #ARGV, SLICE do
    local last = math.min(first + SLICE - 1, #ARGV)
    held = unless_foreign(redis.pcall('RPUSH', KEYS[2], unpack(ARGV, first, last)))
    if not held then
      return { FOREIGN }
    end
  end
  if held < total then
    -- Found out afterwards, since asking first would cost every append.
    redis.call('RPOP', KEYS[2], count)
    return { LOST }
  end
  status.totalChunks = held
  status.bytes = bytes
end

local ends = ARGV[4] ~= ''
if ends or count > 0 then
  status.op = ARGV[3]
end
if ends then
  status.state = ARGV[4]
  status.error = ARGV[4] == 'error' and ARGV[5] or nil
end
save(1, status)
if ends or count > 0 then
  announce(status, not ends and count == 1 and ARGV[FIRST_CHUNK])
end
return { OK, status.totalChunks, MARK .. status.epoch }
