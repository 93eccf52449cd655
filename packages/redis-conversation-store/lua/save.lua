-- Stores a conversation, if what is stored is what it builds on.
-- ARGV[2] the JSON
-- ARGV[3] revision of what it builds on, '' for nothing, 'any' for whatever there is
-- ARGV[4] id of a message that only this save brings, '' for none
-- ARGV[5] TTL in s
-- RETURNS { OK, revision of the JSON }, { CONFLICT } or { FOREIGN }
-- @include conversation

local json, built_on, brings = ARGV[2], ARGV[3], ARGV[4]

local stored = find_stored()
if stored == nil then
  return { FOREIGN }
end
local is_same = stored == json -- the reply to the first attempt was lost
  or built_on == 'any'
  or built_on == (stored and revision_of(stored) or '')
if not is_same then
  -- So was it here, and others have gone on from what it stored.
  local was_made = stored and brings ~= '' and string.find(stored, '"' .. brings .. '":', 1, true)
  if not was_made then
    return { CONFLICT }
  end
else
  redis.call('SET', KEYS[1], json, 'EX', ARGV[5])
end
return { OK, MARK .. revision_of(json) }
