/**
 * Which stream answers a chat: a stored pointer from the chat's id to the stream's, so that a reload on any
 * device finds the answer that is under way. It changes by the rules of the stream contract
 * (`stream-store.ts`).
 *
 * A pointer says nothing about its stream's state: whoever follows it looks at the stream. One that nobody
 * has cleared, because its producer died, is replaced by name (`instead`) or expires.
 *
 * Each call is one atomic step, whoever else calls, wherever; one whose reply was lost may be repeated.
 */
export interface ActiveStreams {
  /**
   * The id of the stream that answers the chat, `null` if there is none.
   *
   * - INVARIANT active-get: it is the one that was set, as it was written, by whatever store object; one
   *   chat's pointer is no other's.
   * - INVARIANT active-id-grammar: a chat's or a stream's id that does not match
   *   `^[A-Za-z0-9_.:-]{1,256}$` is `INVALID_ID`, in every method, and nothing is stored.
   * - INVARIANT active-expiry: `ttlSec` after the last `set` that took effect the pointer is gone and the
   *   chat is free; looking at it, or trying to clear another stream's, does not keep it.
   */
  get(chatId: string): Promise<string | null>;

  /**
   * Points the chat at `streamId`, unless it points at another stream already, and resolves to the id that
   * stands afterwards: `streamId` if that took effect, else the other's.
   *
   * - INVARIANT active-one-winner: of N racing sets on a free chat exactly one takes effect, and all
   *   resolve to its id.
   * - INVARIANT active-taken: where another stream stands nothing changes, not even how long it is kept.
   * - INVARIANT active-same-again: setting the id that stands resolves to it and renews its time, by this
   *   call's `ttlSec` (the reply to the first attempt was lost, or the answer takes long).
   * - INVARIANT active-instead: with `instead`, that stream's pointer is replaced, and no other's; of N
   *   racing replacements one takes effect, and all resolve to its id. A free chat is set all the same.
   * - INVARIANT active-option-range: an option of the wrong type or out of range is `INVALID_OPTION`, and
   *   nothing is stored.
   */
  set(chatId: string, streamId: string, options?: SetActiveOptions): Promise<string>;

  /**
   * Forgets the pointer if it is still `streamId`.
   *
   * - INVARIANT active-clear: the chat is free, for any stream.
   * - INVARIANT active-clear-compares: of another stream, or of none, it resolves and changes nothing; so
   *   an answer that ends late does not take away the pointer to the next one.
   */
  clear(chatId: string, streamId: string): Promise<void>;
}

export interface SetActiveOptions {
  /** Id of a stream that may be replaced, since it has ended or was lost. @default none */
  instead?: string | undefined;
  /** How long the pointer is kept, in seconds. @default the store's `ttlSec` */
  ttlSec?: number | undefined;
}
