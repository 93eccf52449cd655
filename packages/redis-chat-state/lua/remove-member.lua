-- Unsubscribes from a thread.
-- KEYS[1] <prefix>:subscriptions  Set of thread ids, without a TTL
-- ARGV[3] thread id
-- RETURNS { how many are gone }
-- @include once

return earlier() or done(redis.call('SREM', KEYS[1], ARGV[3]))
