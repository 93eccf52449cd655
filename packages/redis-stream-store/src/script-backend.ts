import type { AppendOptions, StreamEnd, StreamLimits } from "@streambed/core/contracts";
import type { Batch, StreamPage } from "@streambed/core/store-kit";
import type { RedisScript, ScriptReply, ScriptRunner } from "@streambed/redis-driver";
import type { StreamKeys } from "./keys.ts";
import { REPLY, toStreamError } from "./reply-codes.ts";
import {
  appendScript,
  createScript,
  deleteScript,
  endScript,
  readScript,
} from "./scripts.generated.ts";
import { parseStatus, toStreamStatus } from "./stored-status.ts";
import type { Appended, NewStream, StreamBackend } from "./stream-backend.ts";

export interface ScriptBackendOptions {
  run: ScriptRunner;
  keysOf: (id: string) => StreamKeys;
  limits: Required<Record<keyof StreamLimits, number>>;
  ttlSec: number;
}

/** One script an operation: one round trip, atomic, on the Redis server's clock. */
export class ScriptBackend implements StreamBackend {
  readonly repeatsAppends = true;
  readonly #options: ScriptBackendOptions;
  readonly #ttl: string;

  constructor(options: ScriptBackendOptions) {
    this.#options = options;
    this.#ttl = String(options.ttlSec);
  }

  async create(id: string, options: NewStream): Promise<void> {
    const { epoch, writer = "", leaseMs = 0, ttlSec } = options;
    await this.#run(id, createScript, [epoch, writer, String(leaseMs), String(ttlSec)]);
  }

  async append(
    id: string,
    batch: Batch,
    { writer = "", op, end }: AppendOptions & { op: string },
  ): Promise<Appended> {
    const { maxChunks, maxBytes } = this.#options.limits;
    const [, totalChunks, epoch] = await this.#run(id, appendScript, [
      writer,
      op,
      ...endArgs(end ?? ""),
      String(batch.bytes),
      String(maxChunks),
      String(maxBytes),
      this.#ttl,
      ...batch.chunks,
    ]);
    return { totalChunks: totalChunks as number, epoch: epoch as string };
  }

  async end(id: string, end: StreamEnd | "stopped"): Promise<void> {
    await this.#run(id, endScript, [...endArgs(end), this.#ttl]);
  }

  async read(id: string, afterSeq: number, maxBytes: number): Promise<StreamPage | null> {
    const reply = await this.#reply(id, readScript, [
      String(afterSeq),
      String(maxBytes),
      this.#ttl,
    ]);
    if (reply[0] === REPLY.NOT_FOUND) return null;
    if (reply[0] !== REPLY.OK) throw toStreamError(id, reply);
    const status = parseStatus(reply[1] as string);
    const chunks = reply.slice(2) as string[];
    return { epoch: status.epoch ?? "", status: toStreamStatus(status), chunks };
  }

  async delete(id: string): Promise<void> {
    // By epoch: a repeated delete must not hit a stream that was created after the first one.
    const page = await this.read(id, 0, 0);
    if (page !== null) await this.#run(id, deleteScript, [page.epoch]);
  }

  async #run(id: string, script: RedisScript, args: string[]): Promise<ScriptReply> {
    const reply = await this.#reply(id, script, args);
    if (reply[0] !== REPLY.OK) throw toStreamError(id, reply);
    return reply;
  }

  #reply(id: string, script: RedisScript, args: string[]): Promise<ScriptReply> {
    const { status, chunks } = this.#options.keysOf(id);
    return this.#options.run(script, [status, chunks], args);
  }
}

function endArgs(end: StreamEnd | "stopped" | ""): [state: string, message: string] {
  return typeof end === "string" ? [end, ""] : ["error", end.error];
}
