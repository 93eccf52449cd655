-- Forgets a conversation.
-- RETURNS { OK } or { FOREIGN }
-- @include conversation

if find_stored() == nil then
  return { FOREIGN }
end
redis.call('DEL', KEYS[1])
return { OK }
