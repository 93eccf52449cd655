-- Which stream answers a chat.
-- RETURNS { OK, its id }, { OK } if there is none, or { FOREIGN }
-- @include active

local standing = find_standing()
if standing == nil then
  return { FOREIGN }
end
return { OK, standing and MARK .. standing or nil }
