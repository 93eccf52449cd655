-- Takes a lock.
-- KEYS[1] <prefix>:lock:<id>  String: the token, always with a TTL
-- ARGV[2] token, its own for each attempt to take a lock: finding it means that this one's reply was lost
-- ARGV[3] TTL in ms
-- RETURNS { 1 } or { 0 } if somebody else has it

if redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'NX') then
  return { 1 }
end
return { redis.call('GET', KEYS[1]) == ARGV[2] and 1 or 0 }
