-- A conversation, as it is stored.
-- RETURNS { OK, the JSON, its revision }, { OK } if there is none, or { FOREIGN }
-- @include conversation

local stored = find_stored()
if stored == nil then
  return { FOREIGN }
end
if not stored then
  return { OK }
end
return { OK, MARK .. stored, MARK .. revision_of(stored) }
