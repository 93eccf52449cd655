import { StreamError } from "@streambed/core/contracts";
import { checkedAtFirstUse, isErrorReply, retry } from "@streambed/redis-driver";
import type { RedisScript, ScriptDriver, ScriptReply, ScriptRunner } from "@streambed/redis-driver";
import type { Logger } from "chat";
import { ChatStateError } from "./chat-state-error.ts";
import { ClientErrors } from "./client-errors.ts";
import type { OwnClient } from "./own-client.ts";
import { receiptKey } from "./receipt-key.ts";
import { pingScript } from "./scripts.generated.ts";
import { scriptDriver } from "./state-client.ts";
import type { StateClient } from "./state-client.ts";
import { toConnectError, toStateError } from "./to-state-error.ts";

/** How long the outcome of a write is remembered, at least. */
const RECEIPT_MS = 60_000;

export interface StateConnectionOptions {
  /** Of the adapter, for messages. */
  name: string;
  client: StateClient;
  logger: Logger | undefined;
  own: OwnClient | undefined;
  /** One that the adapter may use, to see whether it can: on a cluster it says which node is asked. */
  probeKey: string;
  timeoutMs: number;
  retryForMs: number;
  connectTimeoutMs: number;
}

/** What the adapter asks of Redis, once connected. */
export class StateConnection {
  readonly #options: StateConnectionOptions;
  readonly #driver: ScriptDriver;
  readonly #run: ScriptRunner;
  /** Longer than anybody repeats a write. */
  readonly #receiptMs: string;
  readonly #errors: ClientErrors;
  #isConnected = false;
  /** The last change that was asked for, until it is made. */
  #change: { isOpen: boolean; made: Promise<void> } | undefined;

  /** @throws ChatStateError `UNSUPPORTED` for a client that runs no scripts */
  constructor(options: StateConnectionOptions) {
    this.#options = options;
    this.#driver = scriptDriver(options.client);
    this.#errors = new ClientErrors(options.client, options.logger);
    const { run, isRest } = this.#driver;
    this.#run = isRest ? run : checkedAtFirstUse(run);
    const { timeoutMs, retryForMs } = options;
    this.#receiptMs = Math.ceil(Math.max(RECEIPT_MS, 2 * (timeoutMs + retryForMs))).toFixed(0);
  }

  /** What the client puts before every key: here too, or a scan would not find them. */
  get keyPrefix(): string {
    return this.#driver.keyPrefix;
  }

  /** @throws ChatStateError `UNAVAILABLE` if that takes longer than `connectTimeoutMs`; the next call tries again */
  connect(): Promise<void> {
    return this.#become(true);
  }

  disconnect(): Promise<void> {
    return this.#become(false);
  }

  /** @throws ChatStateError `NOT_CONNECTED`, `UNAVAILABLE`, `UNSUPPORTED` */
  async read(script: RedisScript, key: string, args: string[] = []): Promise<ScriptReply> {
    this.#assertConnected();
    return this.#repeated(() => this.#run(script, [key], args), "UNAVAILABLE");
  }

  /**
   * A write that must not be carried out twice: its receipt says what it came to.
   *
   * @param op names the receipt; writes that share one are told of each other
   * @throws ChatStateError `NOT_CONNECTED`, `UNAVAILABLE`, `UNKNOWN_OUTCOME`, `UNSUPPORTED`
   */
  async write(
    script: RedisScript,
    key: string,
    args: string[] = [],
    op: string = crypto.randomUUID(),
  ): Promise<number> {
    this.#assertConnected();
    const attempt = (): Promise<ScriptReply> => this.#writeOnce(script, key, args, op);
    const [result] = await this.#repeated(attempt, "UNKNOWN_OUTCOME");
    return result as number;
  }

  /** A write that nobody waits for: it goes behind whatever the client has yet to send. */
  tell(script: RedisScript, key: string, args: string[], op: string): void {
    this.#writeOnce(script, key, args, op).catch(() => {});
  }

  #writeOnce(script: RedisScript, key: string, args: string[], op: string): Promise<ScriptReply> {
    const keys = [key, receiptKey(key, op, this.#driver.keyPrefix)];
    return this.#run(script, keys, [this.#receiptMs, ...args]);
  }

  /** A script on each node that holds keys, with the nodes' own keys in its reply. */
  async readNodes<T>(task: (run: ScriptRunner) => Promise<T>): Promise<T[]> {
    this.#assertConnected();
    const nodes = await this.#repeated(() => this.#driver.nodes(), "UNAVAILABLE");
    return Promise.all(nodes.map((run) => task(this.#readingFrom(run))));
  }

  #readingFrom(run: ScriptRunner): ScriptRunner {
    return (...call) => this.#repeated(() => run(...call), "UNAVAILABLE");
  }

  /** One change after the other, as they were asked for; who asks for the same at once shares it. */
  #become(isOpen: boolean): Promise<void> {
    if (this.#change?.isOpen === isOpen) return this.#change.made;
    const make = (): Promise<void> => (isOpen ? this.#open() : this.#close());
    const made = this.#change ? this.#change.made.then(make, make) : make();
    const change = { isOpen, made };
    const isMade = (): void => {
      if (this.#change === change) this.#change = undefined;
    };
    made.then(isMade, isMade);
    this.#change = change;
    return made;
  }

  async #open(): Promise<void> {
    if (this.#isConnected) return;
    const { own, probeKey, connectTimeoutMs } = this.#options;
    this.#errors.listen();
    try {
      await own?.open();
      const timing = { timeoutMs: connectTimeoutMs, retryForMs: connectTimeoutMs };
      await retry(() => this.#run(pingScript, [probeKey], []), timing);
      this.#isConnected = true;
    } catch (error) {
      const failure = toConnectError(error, this.#errors.last);
      await own?.close();
      this.#errors.stop();
      throw failure;
    }
  }

  async #close(): Promise<void> {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    const { own, timeoutMs } = this.#options;
    if (own) {
      await retry(() => own.settle(), { timeoutMs, retryForMs: 0 }).catch(() => {});
      await own.close();
    }
    this.#errors.stop();
  }

  #assertConnected(): void {
    if (this.#isConnected) return;
    const message = `${this.#options.name} is not connected. Call connect() first.`;
    throw new ChatStateError("NOT_CONNECTED", message);
  }

  async #repeated<T>(
    attempt: () => Promise<T>,
    unanswered: "UNAVAILABLE" | "UNKNOWN_OUTCOME",
  ): Promise<T> {
    // Attempts that nobody has answered, also those that are still under way when their time is up.
    let mayBeDone = 0;
    try {
      return await retry(() => {
        mayBeDone++;
        return attempt().catch((error: unknown) => {
          if (StreamError.is(error) || isErrorReply(error)) mayBeDone--;
          throw error;
        });
      }, this.#options);
    } catch (error) {
      throw toStateError(error, mayBeDone === 0 ? "UNAVAILABLE" : unanswered);
    }
  }
}
