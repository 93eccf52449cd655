-- Adds entries, all or none, and ends the log with them if told to. No entries: a heartbeat.
-- The log's keys are KEYS[at] and KEYS[at + 1]; its arguments, `first` to `last`:
--   first      writer, '' for none
--   first + 1  op, names this append
--   first + 2  '' to stay active, 'done', 'stopped' or 'error'
--   first + 3  the error's text
--   first + 4  bytes of all chunks
--   first + 5  most chunks of a log
--   first + 6  most bytes of a log
--   first + 7  TTL in s, for a log that has none of its own
--   first + 8  seq behind which the entries belong, '' for wherever the log stands
--   first + 9  how many of the entries, the last ones, say how the run ended and are no chunks
--   first + 10 and on: the entries' data
-- Returns { OK, seq of the last chunk, epoch }, { NOT_FOUND }, { NOT_ACTIVE, state }, { FENCED }, { LOST },
--         { FOREIGN }, { LIMIT, 'maxChunks' or 'maxBytes' }, { CONFLICT, last seq }

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

  local is_heartbeat = ending == '' and last < first + 10
  if status.isUnkept and (is_heartbeat or ARGV[first] ~= '') then
    -- A writer of ours began it with a status, which is gone, and with it who may write.
    return ARGV[first] ~= '' and { LOST } or { OK, status.totalChunks, MARK .. status.epoch }
  end

  local markers = tonumber(ARGV[first + 9])
  local first_entry = first + 10
  -- What somebody else's log has at its end was no end, then.
  local before = status.totalChunks + (status.markers or 0)
  if last >= first_entry then
    local total = before + last - first_entry + 1 - markers
    local bytes = (status.bytes or 0) + ARGV[first + 4]
    local after = ARGV[first + 8]
    if after ~= '' and tonumber(after) ~= before then
      return { CONFLICT, before }
    end
    if total > tonumber(ARGV[first + 5]) then
      return { LIMIT, MARK .. 'maxChunks' }
    end
    if bytes > tonumber(ARGV[first + 6]) then
      return { LIMIT, MARK .. 'maxBytes' }
    end
    local held = unless_foreign(redis.pcall('XLEN', KEYS[at + 1]))
    if not held then
      return { FOREIGN }
    end
    -- What is trimmed is not lost.
    local keeps_all = not status.keep and not string.find(status.epoch, '^' .. FOREIGN_EPOCH)
    if held < (keeps_all and before or math.min(before, 1)) then
      return { LOST }
    end
    for i = first_entry, last do
      local is_last = ending ~= '' and i == last
      local seq = before + i - first_entry + 1
      status.lastId = add_entry(KEYS[at + 1], seq, ARGV[i], is_last, i == last and status.keep)
    end
    status.totalChunks = total
    status.markers = markers
    status.bytes = bytes
    status.op = op
  end

  if ending ~= '' then
    status.state = ending
    status.error = ending == 'error' and ARGV[first + 3] or nil
  end
  keep_status(at, status)
  if last >= first_entry then
    announce(status, ending == '' and last == first_entry and ARGV[first_entry])
  end
  return { OK, status.totalChunks, MARK .. status.epoch }
end
