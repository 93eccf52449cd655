import { StreamError } from "@streambed/core/contracts";
import { checkedAtFirstUse, isRefusal, retry, toDriver } from "@streambed/redis-driver";
import type {
  RedisClient,
  RedisScript,
  ScriptDriver,
  ScriptReply,
  ScriptRunner,
} from "@streambed/redis-driver";
import { ChatStateError } from "./chat-state-error.ts";
import { receiptKey } from "./receipt-key.ts";
import { pingScript } from "./scripts.generated.ts";

/** How long the outcome of a write is remembered: longer than anybody repeats it. */
const RECEIPT_MS = "60000";

/** A client that is this adapter's own, to open and to close. */
export interface OwnClient {
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface StateConnectionOptions {
  /** Of the adapter, for messages. */
  name: string;
  client: RedisClient;
  own: OwnClient | undefined;
  timeoutMs: number;
  retryForMs: number;
  connectTimeoutMs: number;
}

/** What the adapter asks of Redis, once connected. */
export class StateConnection {
  readonly #options: StateConnectionOptions;
  readonly #driver: ScriptDriver;
  readonly #run: ScriptRunner;
  #connecting: Promise<void> | undefined;
  #isConnected = false;

  /** @throws ChatStateError `UNSUPPORTED` for a client that runs no scripts */
  constructor(options: StateConnectionOptions) {
    this.#options = options;
    this.#driver = scriptDriver(options.client);
    const { run, isRest } = this.#driver;
    this.#run = isRest ? run : checkedAtFirstUse(run);
  }

  /** @throws ChatStateError `UNAVAILABLE` if that takes longer than `connectTimeoutMs`; the next call tries again */
  connect(): Promise<void> {
    if (this.#isConnected) return Promise.resolve();
    this.#connecting ??= this.#open().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async disconnect(): Promise<void> {
    await this.#connecting?.catch(() => {});
    if (!this.#isConnected) return;
    this.#isConnected = false;
    await this.#options.own?.close();
  }

  /** @throws ChatStateError `NOT_CONNECTED`, `UNAVAILABLE`, `UNSUPPORTED` */
  async read(script: RedisScript, key: string, args: string[] = []): Promise<ScriptReply> {
    this.#assertConnected();
    return this.#repeated(() => this.#run(script, [key], args), "UNAVAILABLE");
  }

  /** A write that may be repeated as it is. @throws ChatStateError `NOT_CONNECTED`, `UNKNOWN_OUTCOME`, … */
  async repeat(script: RedisScript, key: string, args: string[]): Promise<number> {
    this.#assertConnected();
    const reply = await this.#repeated(() => this.#run(script, [key], args), "UNKNOWN_OUTCOME");
    return reply[0] as number;
  }

  /** A write that must not be carried out twice: its receipt says what it came to. @throws as `repeat` */
  async write(script: RedisScript, key: string, args: string[] = []): Promise<number> {
    this.#assertConnected();
    const receipt = receiptKey(key, crypto.randomUUID());
    const keys = receipt === undefined ? [key] : [key, receipt];
    const attempt = (): Promise<ScriptReply> => this.#run(script, keys, [RECEIPT_MS, ...args]);
    const retryForMs = receipt === undefined ? 0 : this.#options.retryForMs;
    const reply = await this.#repeated(attempt, "UNKNOWN_OUTCOME", retryForMs);
    return reply[0] as number;
  }

  /** A script on each node that holds keys, with the nodes' own keys in its reply. */
  async readNodes<T>(task: (run: ScriptRunner) => Promise<T>): Promise<T[]> {
    this.#assertConnected();
    const nodes = await this.#driver.nodes();
    return Promise.all(nodes.map((run) => task(this.#readingFrom(run))));
  }

  #readingFrom(run: ScriptRunner): ScriptRunner {
    return (...call) => this.#repeated(() => run(...call), "UNAVAILABLE");
  }

  async #open(): Promise<void> {
    const { own, connectTimeoutMs } = this.#options;
    try {
      await own?.open();
      const timing = { timeoutMs: connectTimeoutMs, retryForMs: connectTimeoutMs };
      // Any key: on a cluster it says which node is asked.
      await retry(() => this.#run(pingScript, ["ping"], []), timing);
      this.#isConnected = true;
    } catch (error) {
      await own?.close().catch(() => {});
      throw toStateError(error, "UNAVAILABLE");
    }
  }

  #assertConnected(): void {
    if (this.#isConnected) return;
    const message = `${this.#options.name} is not connected. Call connect() first.`;
    throw new ChatStateError("NOT_CONNECTED", message);
  }

  async #repeated<T>(
    attempt: () => Promise<T>,
    unanswered: "UNAVAILABLE" | "UNKNOWN_OUTCOME",
    retryForMs: number = this.#options.retryForMs,
  ): Promise<T> {
    const { timeoutMs } = this.#options;
    let mayBeDone = false;
    try {
      return await retry(
        () =>
          attempt().catch((error: unknown) => {
            mayBeDone ||= !StreamError.is(error) && !isRefusal(error);
            throw error;
          }),
        { timeoutMs, retryForMs },
      );
    } catch (error) {
      const isRefused = StreamError.is(error) && isRefusal(error.cause) && !mayBeDone;
      throw toStateError(error, isRefused ? "UNAVAILABLE" : unanswered);
    }
  }
}

function scriptDriver(client: RedisClient): ScriptDriver {
  try {
    const driver = toDriver(client);
    if ("run" in driver) return driver;
  } catch (error) {
    throw toStateError(error, "UNSUPPORTED");
  }
  throw new ChatStateError(
    "UNSUPPORTED",
    "the state adapter needs a client that runs scripts: ioredis, redis (node-redis) or @upstash/redis",
  );
}

function toStateError(
  error: unknown,
  unanswered: "UNAVAILABLE" | "UNKNOWN_OUTCOME" | "UNSUPPORTED",
): ChatStateError {
  if (ChatStateError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const isUnsupported = StreamError.is(error, "UNSUPPORTED");
  return new ChatStateError(isUnsupported ? "UNSUPPORTED" : unanswered, message, cause);
}
