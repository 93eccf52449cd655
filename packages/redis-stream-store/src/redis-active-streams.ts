import type { ActiveStreams, SetActiveOptions } from "@streambed/core/contracts";
import {
  assertChatId,
  assertPositiveInteger,
  assertSetActiveOptions,
  assertStreamId,
} from "@streambed/core/store-kit";
import { checkedAtFirstUse, retry, toDriver } from "@streambed/redis-driver";
import type { RedisClient, RetryOptions } from "@streambed/redis-driver";
import type { ActiveBackend } from "./active-backend.ts";
import { activeKey } from "./keys.ts";
import { PlainActiveBackend } from "./plain-active-backend.ts";
import { ScriptActiveBackend } from "./script-active-backend.ts";

export interface RedisActiveStreamsOptions {
  /** What every key begins with. @default "streambed:active" */
  prefix?: string | undefined;
  /** How long a pointer is kept, in seconds. @default 86_400 */
  ttlSec?: number | undefined;
  /** How long one attempt may take, in milliseconds. @default 5_000 */
  timeoutMs?: number | undefined;
  /** For how long a call is tried again, in milliseconds. @default 10_000 */
  retryForMs?: number | undefined;
}

/**
 * Which stream answers a chat, in the user's own Redis, over the client and the connection that they
 * already have, which this never opens, duplicates, configures or closes.
 *
 * One key a chat. With a client that runs scripts each call is one atomic script; with any other object
 * that has the eight plain methods it is a few commands, and as atomic, within the limits that the README names.
 */
export class RedisActiveStreams implements ActiveStreams {
  readonly #backend: ActiveBackend;
  readonly #prefix: string;
  readonly #ttlSec: number;
  readonly #retry: RetryOptions;

  /** @throws StreamError `UNSUPPORTED` for a client of no known kind, `INVALID_OPTION` */
  constructor(redis: RedisClient, options: RedisActiveStreamsOptions = {}) {
    const {
      prefix = "streambed:active",
      ttlSec = 86_400,
      timeoutMs = 5_000,
      retryForMs = 10_000,
    } = options;
    for (const [name, value] of Object.entries({ ttlSec, timeoutMs, retryForMs })) {
      assertPositiveInteger(name, value);
    }
    this.#prefix = prefix;
    this.#ttlSec = ttlSec;
    this.#retry = { timeoutMs, retryForMs };
    const driver = toDriver(redis);
    this.#backend =
      "run" in driver
        ? new ScriptActiveBackend(driver.isRest ? driver.run : checkedAtFirstUse(driver.run))
        : new PlainActiveBackend(driver.commands, ttlSec);
  }

  async get(chatId: string): Promise<string | null> {
    assertChatId(chatId);
    const key = activeKey(this.#prefix, chatId);
    return retry(() => this.#backend.get(key), this.#retry);
  }

  async set(chatId: string, streamId: string, options: SetActiveOptions = {}): Promise<string> {
    assertChatId(chatId);
    assertStreamId(streamId);
    assertSetActiveOptions(options);
    const key = activeKey(this.#prefix, chatId);
    // Taken out now: every attempt sends the same, and the caller may go on using theirs.
    const { instead, ttlSec = this.#ttlSec } = options;
    return retry(() => this.#backend.set(key, { streamId, instead, ttlSec }), this.#retry);
  }

  async clear(chatId: string, streamId: string): Promise<void> {
    assertChatId(chatId);
    assertStreamId(streamId);
    const key = activeKey(this.#prefix, chatId);
    await retry(() => this.#backend.clear(key, streamId), this.#retry);
  }
}
