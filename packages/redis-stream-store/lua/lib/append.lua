-- Stores chunks, all or none, and ends the stream with them if told to. No chunks: a heartbeat.
-- The stream's keys are KEYS[at] and KEYS[at + 1]; its arguments, `first` to `last`:
--   first      writer, '' for none
--   first + 1  op, names this append
--   first + 2  '' to stay active, 'done', or 'error'
--   first + 3  the error's text
--   first + 4  bytes of all chunks
--   first + 5  most chunks of a stream
--   first + 6  most bytes of a stream
--   first + 7  TTL in s, for a stream that has none of its own
--   first + 8  seq behind which the chunks belong, '' for wherever the stream stands
--   first + 9  and on: the chunks
-- Returns { OK, last seq, epoch }, { NOT_FOUND }, { NOT_ACTIVE, state }, { FENCED }, { LOST }, { FOREIGN },
--         { LIMIT, 'maxChunks' or 'maxBytes' }, { CONFLICT, last seq }

local SLICE = 4000 -- unpack() fails from 8,000 values

local function append(at, first, last)
  local op, ending = ARGV[first + 1], ARGV[first + 2]
  local status, missing = load_status(at, ARGV[first + 7])
  if not status then
    return { missing }
  end
  if status.op == op then
    return { OK, status.totalChunks, MARK .. status.epoch }
  end
  if status.writer and status.writer ~= ARGV[first] then
    return { FENCED }
  end
  if status.state ~= 'active' then
    return { NOT_ACTIVE, MARK .. status.state }
  end

  local first_chunk = first + 9
  local count = last - first_chunk + 1
  if count > 0 then
    local total = status.totalChunks + count
    local bytes = (status.bytes or 0) + ARGV[first + 4]
    local after = ARGV[first + 8]
    if after ~= '' and tonumber(after) ~= status.totalChunks then
      return { CONFLICT, status.totalChunks }
    end
    if total > tonumber(ARGV[first + 5]) then
      return { LIMIT, MARK .. 'maxChunks' }
    end
    if bytes > tonumber(ARGV[first + 6]) then
      return { LIMIT, MARK .. 'maxBytes' }
    end
    local held
    for from = first_chunk, last, SLICE do
      local to = math.min(from + SLICE - 1, last)
      held = unless_foreign(redis.pcall('RPUSH', KEYS[at + 1], unpack(ARGV, from, to)))
      if not held then
        return { FOREIGN }
      end
    end
    if held < total then
      -- Found out afterwards, since asking first would cost every append.
      redis.call('RPOP', KEYS[at + 1], count)
      return { LOST }
    end
    status.totalChunks = held
    status.bytes = bytes
  end

  local ends = ending ~= ''
  if ends or count > 0 then
    status.op = op
  end
  if ends then
    status.state = ending
    status.error = ending == 'error' and ARGV[first + 3] or nil
  end
  save(at, status)
  if ends or count > 0 then
    announce(status, not ends and count == 1 and ARGV[first_chunk])
  end
  return { OK, status.totalChunks, MARK .. status.epoch }
end
