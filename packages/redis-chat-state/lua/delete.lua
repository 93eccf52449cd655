-- Removes a value, or a lock whoever has it.
-- KEYS[1] <prefix>:cache:<key> or <prefix>:lock:<id>
-- RETURNS { how many there were }
-- @include once

return earlier() or done(redis.call('DEL', KEYS[1]))
