import type { AnyMessage, ConversationMessage } from "@streambed/core/conversation";
import { assertPositiveInteger, StoredConversations } from "@streambed/core/store-kit";
import type { ConversationLimits, ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import { checkedAtFirstUse, retry, toDriver } from "@streambed/redis-driver";
import type { RedisClient, RetryOptions } from "@streambed/redis-driver";
import type { ConversationBackend } from "./conversation-backend.ts";
import { conversationKey } from "./keys.ts";
import { PlainBackend } from "./plain-backend.ts";
import { ScriptBackend } from "./script-backend.ts";

export interface RedisConversationStoreOptions extends ConversationLimits {
  /** What every key begins with. @default "aibind:conv" */
  prefix?: string | undefined;
  /** How long a conversation is kept after its last save, in seconds. @default 1800 */
  ttlSec?: number | undefined;
  /** How long one attempt may take, in milliseconds. @default 5_000 */
  timeoutMs?: number | undefined;
  /** For how long a load, save or delete is tried again, in milliseconds. @default 10_000 */
  retryForMs?: number | undefined;
}

/**
 * Conversations in the user's own Redis, over the client and the connection that they already have, which
 * this never opens, duplicates, configures or closes.
 *
 * One key a conversation. With a client that runs scripts a save is one atomic script; with any other object
 * that has the eight plain methods it is a few commands under a lock, within the limits that the README names.
 */
export class RedisConversationStore<
  M extends AnyMessage = ConversationMessage,
> extends StoredConversations<M> {
  readonly #backend: ConversationBackend;
  readonly #prefix: string;
  readonly #retry: RetryOptions;

  /** @throws StreamError `UNSUPPORTED` for a client of no known kind, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: RedisConversationStoreOptions = {}) {
    super(options);
    const {
      prefix = "aibind:conv",
      ttlSec = 1_800,
      timeoutMs = 5_000,
      retryForMs = 10_000,
    } = options;
    for (const [name, value] of Object.entries({ ttlSec, timeoutMs, retryForMs })) {
      assertPositiveInteger(name, value);
    }
    this.#prefix = prefix;
    this.#retry = { timeoutMs, retryForMs };
    const driver = toDriver(redis);
    this.#backend =
      "run" in driver
        ? new ScriptBackend(driver.isRest ? driver.run : checkedAtFirstUse(driver.run), ttlSec)
        : new PlainBackend({ commands: driver.commands, ttlSec, timeoutMs });
  }

  protected override async read(id: string): Promise<StoredJson | null> {
    return retry(() => this.#backend.read(this.#key(id)), this.#retry);
  }

  protected override async write(id: string, write: ConversationWrite): Promise<string | null> {
    return retry(this.#backend.toWrite(this.#key(id), write), this.#retry);
  }

  protected override async remove(id: string): Promise<void> {
    await retry(this.#backend.toRemove(this.#key(id)), this.#retry);
  }

  protected override placeOf(id: string): string {
    return `the key ${this.#key(id)}`;
  }

  #key(id: string): string {
    return conversationKey(this.#prefix, id);
  }
}
