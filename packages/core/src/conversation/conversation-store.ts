import type { ChatHistory } from "./chat-history.ts";
import type { AnyMessage, ConversationMessage } from "./history-node.ts";

/**
 * The contract of conversations: each is kept as the JSON of its `ChatHistory`, under the id of a session. It
 * changes by the rules of the stream contract (`../contracts/stream-store.ts`).
 *
 * What was stored is replaced as a whole, so every save says what it builds on: a store knows what it has
 * handed out. What nobody has saved for `ttlSec` is gone.
 */
export interface ConversationStore<M extends AnyMessage = ConversationMessage> {
  /**
   * The conversation as it is stored now, an empty one if there is none. That its messages are of type `M`
   * is for the caller to know.
   *
   * - INVARIANT conversation-verbatim: it is what was saved, with every branch, whatever store object asks:
   *   each message, its extra fields too, as JSON keeps it; one id's conversation is no other's.
   * - INVARIANT conversation-empty: of an id that holds none it is empty, and nothing comes into being.
   * - INVARIANT conversation-own-copy: each history is its caller's alone: what becomes of it before or after
   *   a save changes nothing that is stored, and no other history.
   * - INVARIANT conversation-id-grammar: an id that does not match `^[A-Za-z0-9_.:-]{1,256}$` is
   *   `INVALID_ID`, in every method, and nothing is stored.
   * - INVARIANT conversation-foreign: where something is stored that is no history, `load`, `update` and a
   *   `save` that would replace it are `UNSUPPORTED`, say where, and leave it as it is.
   * - INVARIANT conversation-expiry: `ttlSec` after the last save the conversation is gone; looking at it
   *   does not keep it.
   */
  load(id: string): Promise<ChatHistory<M>>;

  /**
   * Stores the conversation, if what is stored is still what `history` came from. After that it counts as
   * loaded from what was saved. A save whose reply was lost is no conflict with itself, also if others have
   * gone on from it before it is tried again. After `UNAVAILABLE` nobody knows whether it was stored: load.
   *
   * - INVARIANT conversation-conflict: if something else was stored since, or the conversation was deleted or
   *   has expired, it is `CONFLICT` and nothing is stored; of N racing saves that build on the same, exactly
   *   one resolves.
   * - INVARIANT conversation-save-again: a history that was saved can be changed and saved again; saves of
   *   one history take effect in the order of the calls, also those that nobody waits for.
   * - INVARIANT conversation-overwrite: a history that this store object has not handed out or saved under
   *   this id replaces whatever conversation is stored.
   * - INVARIANT conversation-limit: where its JSON has more than `maxBytes` in UTF-8, it is `LIMIT`, and what
   *   was stored stays.
   * - INVARIANT conversation-option-range: a bad option of the constructor is `INVALID_OPTION`, and so is a
   *   `history` that is no `ChatHistory`.
   */
  save(id: string, history: ChatHistory<M>): Promise<void>;

  /**
   * Loads, lets `change` change the history, saves, and does it all again on a conflict. Resolves to what
   * `change` returned, or resolved to, the last time: it must do nothing that cannot be done twice.
   *
   * - INVARIANT conversation-update: of updates that race, in any number of processes, each takes effect,
   *   once, on what the ones before it have stored.
   * - INVARIANT conversation-update-fails: what `change` throws is thrown, and nothing is stored.
   * - INVARIANT conversation-update-bounded: one that never comes through rejects with `CONFLICT` in the end.
   */
  update<T>(id: string, change: (history: ChatHistory<M>) => T | Promise<T>): Promise<T>;

  /**
   * Forgets the conversation.
   *
   * - INVARIANT conversation-delete: nothing is left; of an id that holds none it resolves.
   */
  delete(id: string): Promise<void>;
}
