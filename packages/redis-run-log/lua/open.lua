-- Starts a log, or goes on with one whose writer is gone. Arguments as in lib/begin.lua, and
-- ARGV[8] after how many ms of its silence another writer may take over from this one, which may do so too; '' for never,
--         and then this one starts a log or nothing
-- ARGV[9] about how many entries the log keeps, 0 for all
-- ARGV[10] after how many ms of silence a writer without a lease counts as gone
-- RETURNS { OK, last seq }, { EXISTS } if somebody else writes it, { NOT_ACTIVE, state } or { FOREIGN }
-- @include log
-- @include begin

local status, missing = load_status(1, ARGV[5])
if missing == FOREIGN then
  return { FOREIGN }
end
local handover = tonumber(ARGV[8])
local keep = ARGV[9] ~= '0' and tonumber(ARGV[9]) or nil
if not status then
  begin(new_status(), handover, keep)
  return { OK, 0 }
end
if not handover then
  return { status.writer == ARGV[3] and OK or EXISTS, status.totalChunks }
end
if status.state ~= 'active' then
  return { NOT_ACTIVE, MARK .. status.state }
end
if status.writer ~= ARGV[3] then
  local quiet = status.quietMs
  if status.handover and status.leaseUntil then
    quiet = now_ms() - (status.leaseUntil - status.lease)
  end
  -- Who is nobody is not heard of either, unless it is no writer of ours.
  local is_free = (status.writer or '') == '' and not status.quietMs
  local patience = status.handover or status.quietMs and tonumber(ARGV[10]) or handover
  local is_silent = quiet and quiet >= patience
  if not (is_free or is_silent) then
    return { EXISTS }
  end
end
status.totalChunks = status.totalChunks + (status.markers or 0)
status.markers = 0
begin(status, handover, keep)
return { OK, status.totalChunks }
