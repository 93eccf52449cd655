-- Entries are found by their seq although Redis knows them by time: ids grow with seqs, those of one
-- millisecond count up by one, and so the first of a millisecond says where the others are.

-- Whether the last entry is there, and is the one that it should be.
local function is_whole(key, status)
  -- What has no status was just told by that entry.
  if status.lastSeq == 0 or status.isUnkept then
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

-- So few that they cost nothing, however long they are.
local FEW = 16

-- Where the entry behind `cursor` is, as an id, or should be; nil for a log without entries.
local function id_behind(key, status, cursor)
  local first = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
  if not first then
    return nil
  end
  -- The last millisecond whose first entry is not behind the one that is wanted.
  local low, high = ms_of(first[1]), ms_of(status.lastId)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    local entry = first_from(key, status, middle)
    local seq = entry and fields_of(entry)
    if seq and seq <= cursor + 1 then
      low = middle
    else
      high = middle - 1
    end
  end
  local entry = first_from(key, status, low)
  if not entry then
    return nil
  end
  local ms, count = string.match(entry[1], '^(%d+)-(%d+)$')
  return string.format('%s-%.0f', ms, count + math.max(cursor + 1 - (fields_of(entry) or 0), 0))
end

-- Hands the entries behind `cursor`, from its next one on, to `take`, until that has enough or there are no more:
-- a few at first, then more and more, since nobody knows how long they are.
local function seek(key, status, cursor, most, take)
  local entries
  if string.find(status.epoch, '^' .. FOREIGN_EPOCH .. '%-') then
    entries = walk_back(key, status, cursor, most)
  elseif status.lastSeq - cursor <= FEW then
    local last = redis.call('XREVRANGE', key, status.lastId, '-', 'COUNT', status.lastSeq - cursor)
    entries = {}
    for i = #last, 1, -1 do
      entries[#entries + 1] = last[i]
    end
  end
  if entries then
    for i = 1, math.min(#entries, most) do
      if not take(entries[i]) then
        return
      end
    end
    return
  end
  local from, step = id_behind(key, status, cursor), FEW
  while from and most > 0 do
    local some = redis.call('XRANGE', key, from, status.lastId, 'COUNT', math.min(step, most))
    for i = 1, #some do
      if not take(some[i]) then
        return
      end
    end
    from = #some > 0 and '(' .. some[#some][1] or nil
    most = most - #some
    step = step * 2
  end
end
