-- Entries are found by their seq although Redis knows them by time: ids grow with seqs, those of one
-- millisecond count up by one, and so the first of a millisecond says where the others are.

-- Whether the last entry is there, and is the one that it should be.
local function is_whole(key, status)
  if status.lastSeq == 0 or status.epoch == FOREIGN_EPOCH and not status.writer then
    return true
  end
  local last = redis.call('XREVRANGE', key, status.lastId, '-', 'COUNT', 1)
  return #last == 1 and fields_of(last[1]) == status.lastSeq
end

-- The first entry from a moment on.
local function first_from(key, status, ms)
  return redis.call('XRANGE', key, string.format('%.0f', ms), status.lastId, 'COUNT', 1)[1]
end

-- Up to `most` entries behind `cursor`, from its next one on, if that is there.
local function seek(key, status, cursor, most)
  local behind = status.lastSeq - cursor
  if behind <= 2 * most then
    local last = redis.call('XREVRANGE', key, status.lastId, '-', 'COUNT', behind)
    local entries = {}
    for i = #last, math.max(1, #last - most + 1), -1 do
      entries[#entries + 1] = last[i]
    end
    return entries
  end
  -- The last millisecond whose first entry is not behind the one that is wanted.
  local first = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
  local low, high = ms_of(first[1]), ms_of(status.lastId)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    local seq = fields_of(first_from(key, status, middle))
    if seq and seq <= cursor + 1 then
      low = middle
    else
      high = middle - 1
    end
  end
  local entry = first_from(key, status, low)
  local seq = fields_of(entry)
  local ms, count = string.match(entry[1], '^(%d+)-(%d+)$')
  local start = string.format('%s-%.0f', ms, count + math.max(cursor + 1 - (seq or 0), 0))
  return redis.call('XRANGE', key, start, status.lastId, 'COUNT', most)
end
