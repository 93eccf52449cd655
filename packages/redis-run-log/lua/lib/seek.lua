-- Entries are found by their seq although Redis knows them by time: ids grow with seqs, those of one
-- millisecond count up by one, and so the first of a millisecond says where the others are.

-- Whether the last entry is there, and is the one that it should be.
local function is_whole(key, status)
  local is_foreign = string.find(status.epoch, '^' .. FOREIGN_EPOCH)
  if status.lastSeq == 0 or is_foreign and not status.writer then
    return true
  end
  local last = redis.call('XREVRANGE', key, status.lastId, '-', 'COUNT', 1)
  return #last == 1 and fields_of(last[1]) == status.lastSeq
end

-- The first entry from a moment on.
local function first_from(key, status, ms)
  return redis.call('XRANGE', key, string.format('%.0f', ms), status.lastId, 'COUNT', 1)[1]
end

-- The same where entries have come twice, so that their order says nothing: the newest of each seq, from the last
-- one back. What is older than an entry with a smaller seq is of an earlier life of the run.
local function walk_back(key, status, cursor, most)
  local found, wanted, till = {}, status.lastSeq, status.lastId
  while till do
    local some = redis.call('XREVRANGE', key, till, '-', 'COUNT', 1000)
    till = #some == 1000 and '(' .. some[#some][1] or nil
    for i = 1, #some do
      local seq = fields_of(some[i])
      if not seq or seq < wanted or wanted == cursor then
        till = nil
        break
      end
      if seq == wanted then
        found[seq], found[seq + most] = some[i], nil
        wanted = wanted - 1
      end
    end
  end
  local entries = {}
  for seq = cursor + 1, math.min(cursor + most, status.lastSeq) do
    entries[#entries + 1] = found[seq]
  end
  return entries
end

-- Up to `most` entries behind `cursor`, from its next one on, if that is there.
local function seek(key, status, cursor, most)
  if string.find(status.epoch, '^' .. FOREIGN_EPOCH .. '%-') then
    return walk_back(key, status, cursor, most)
  end
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
