-- Gives a lock back, if it is still this one. Again changes nothing.
-- KEYS[1] <prefix>:lock:<id>
-- ARGV[2] token
-- RETURNS { 1 } or { 0 }

if redis.call('GET', KEYS[1]) ~= ARGV[2] then
  return { 0 }
end
return { redis.call('DEL', KEYS[1]) }
