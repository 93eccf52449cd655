-- Starts a log, active and empty. Arguments as in lib/begin.lua.
-- RETURNS { OK }, { EXISTS } or { FOREIGN }
-- @include log
-- @include begin

local status, missing = load_status(1, ARGV[5])
if missing == FOREIGN then
  return { FOREIGN }
end
if status then
  local mine = status.epoch == ARGV[2] or (ARGV[3] ~= '' and status.writer == ARGV[3])
  return { mine and OK or EXISTS }
end
begin(new_status())
return { OK }
