-- KEYS[1] <prefix>:subscriptions
-- ARGV[2] thread id
-- RETURNS { 1 } or { 0 }

return { redis.call('SISMEMBER', KEYS[1], ARGV[2]) }
