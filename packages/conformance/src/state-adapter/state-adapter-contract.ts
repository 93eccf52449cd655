import type { StateAdapter } from "chat";

/**
 * What the Chat SDK relies on in a state adapter, told from how `chat` drives one and from what its adapters
 * have in common: the SDK itself ships only the types.
 *
 * An adapter is one process's way to storage that others share. Ids and keys are opaque. What is promised of a
 * call is promised across all adapters on one storage, each call being one atomic step.
 *
 * - INVARIANT ids-opaque: any well-formed text is an id of a thread or a key, comes back as it was given, and
 *   is no other's.
 * - INVARIANT kinds-apart: locks, cached values, lists, queues and subscriptions of the same id do not touch
 *   each other.
 * - INVARIANT fractions: a fraction of a millisecond, in a TTL or in an entry's `expiresAt`, is no reason to
 *   fail, nor to take effect by halves.
 */
export interface StateAdapterContract extends StateAdapter {
  /**
   * - INVARIANT connect-first: before it every other call rejects, and says "not connected".
   * - INVARIANT connect-again: it may be called again, and by several at once.
   * - INVARIANT reconnect: after `disconnect` it connects anew, and finds what was stored.
   */
  connect: StateAdapter["connect"];

  /**
   * - INVARIANT disconnect: after it every call rejects, and says "not connected"; again, or before `connect`,
   *   it resolves.
   * - INVARIANT disconnect-alone: other adapters, their locks among what they have, are not affected.
   */
  disconnect: StateAdapter["disconnect"];

  /**
   * - INVARIANT lock-one-winner: of all who ask for a free lock one gets it, and while it is held everybody
   *   else gets `null`, its holder too.
   * - INVARIANT lock-token: the lock names the thread as it was asked for, with a token that no other lock has.
   * - INVARIANT lock-expires-at: it is in the future, and nobody gets the lock before it, however late the
   *   reply was read.
   * - INVARIANT lock-expiry: the lock is free after `ttlMs`, not before, and asking for it does not keep it.
   * - INVARIANT lock-ttl: a TTL that is not a number greater than 0 is refused, here and by `extendLock`, and
   *   the lock stays as it was.
   */
  acquireLock: StateAdapter["acquireLock"];

  /**
   * - INVARIANT lock-release: the lock is free.
   * - INVARIANT lock-release-compares: of a lock that has expired, was taken away or is another's, it resolves
   *   and changes nothing.
   */
  releaseLock: StateAdapter["releaseLock"];

  /** - INVARIANT lock-force: the lock is free, whoever had it; of a free one it resolves. */
  forceReleaseLock: StateAdapter["forceReleaseLock"];

  /**
   * - INVARIANT lock-extend: true, and the lock is held for `ttlMs` from now on, be it longer or shorter.
   * - INVARIANT lock-extend-compares: false for a lock that has expired, was released, taken away or is
   *   another's, and nothing changes: none is created, brought back or prolonged.
   */
  extendLock: StateAdapter["extendLock"];

  /**
   * - INVARIANT value-json: cached values and elements of lists come back as JSON would have them; what becomes
   *   of the object afterwards, on either side, is nobody's concern.
   * - INVARIANT value-foreign: what is no JSON is returned as the text that it is.
   */
  get: StateAdapter["get"];

  /**
   * - INVARIANT cache-set: it takes the place of the earlier value and of its TTL.
   * - INVARIANT cache-ttl: the value is gone after `ttlMs`, not before; without one, or with 0, it stays.
   * - INVARIANT value-refused: what has no form in JSON is refused, here and wherever else a value is stored,
   *   and nothing changes.
   */
  set: StateAdapter["set"];

  /**
   * - INVARIANT cache-one-winner: of all who write a key that is free one does, and is told true; the others
   *   are told false and change nothing, not even how long the value is kept.
   */
  setIfNotExists: StateAdapter["setIfNotExists"];

  /** - INVARIANT cache-delete: the key is free; one that was free stays so. */
  delete: StateAdapter["delete"];

  /**
   * - INVARIANT list-newest: with `maxLength` only as many of the newest elements stay, and nobody sees more; 1
   *   leaves this one alone.
   * - INVARIANT list-ttl: the list is gone `ttlMs` after the last append that named one, not before.
   * - INVARIANT list-ttl-kept: an append without `ttlMs` leaves the list's time as it was.
   */
  appendToList: StateAdapter["appendToList"];

  /**
   * - INVARIANT list-order: all elements, each once, in the order of their appends; none of a list that is not.
   * - INVARIANT list-foreign: an element that is no JSON breaks none of the others.
   */
  getList: StateAdapter["getList"];

  /**
   * - INVARIANT queue-depth: it resolves to how many entries there are with this one.
   * - INVARIANT queue-newest: no more than `maxSize` stay, of which the oldest go first; 0 is no limit.
   * - INVARIANT queue-late: an entry whose time is over takes none of the others with it.
   */
  enqueue: StateAdapter["enqueue"];

  /**
   * - INVARIANT queue-order: the oldest entry; `null` if there is none.
   * - INVARIANT queue-entry: it comes back as JSON has it, its message as that says of itself (`toJSON`).
   * - INVARIANT queue-once: each entry is handed to one of all who ask.
   * - INVARIANT queue-foreign: what is no entry is not handed out and stops nobody; it is kept somewhere.
   */
  dequeue: StateAdapter["dequeue"];

  /** - INVARIANT subscription-each: true from `subscribe` to `unsubscribe`, of that thread and no other; both may be repeated. */
  isSubscribed: StateAdapter["isSubscribed"];
}
