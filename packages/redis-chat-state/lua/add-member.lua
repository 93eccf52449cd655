-- Subscribes to a thread.
-- KEYS[1] <prefix>:subscriptions  Set of thread ids, without a TTL
-- ARGV[3] thread id
-- RETURNS { how many are new }
-- @include once

return earlier() or done(redis.call('SADD', KEYS[1], ARGV[3]))
