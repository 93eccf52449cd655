-- Gives a lock back, if it is still this one. Again changes nothing.
-- KEYS[1] <prefix>:lock:<id>
-- KEYS[2] the token's receipt, as acquire.lua reads it: also where another has the lock by now
-- ARGV[3] token
-- RETURNS { 0 }
-- @include once

if redis.call('GET', KEYS[1]) == ARGV[3] then
  redis.call('DEL', KEYS[1])
end
return done(0)
