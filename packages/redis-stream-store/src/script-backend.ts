import { StreamError } from "@streambed/core/contracts";
import type { AppendOptions, StreamEnd, StreamLimits } from "@streambed/core/contracts";
import type { Batch } from "@streambed/core/store-kit";
import type { RedisScript, ScriptReply, ScriptRunner } from "@streambed/redis-driver";
import type { StreamKeys } from "./keys.ts";
import { REPLY, toStreamError } from "./reply-codes.ts";
import { SharedAppends } from "./shared-appends.ts";
import { parseStatus, toStreamStatus } from "./stored-status.ts";
import type { StoredStatus } from "./stored-status.ts";
import type {
  Appended,
  Look,
  NewStream,
  Seen,
  StoredPage,
  StreamBackend,
} from "./stream-backend.ts";
import type { StreamLayout } from "./stream-layout.ts";

/** Where the scripts find a stream. */
export type ScriptKeys = Pick<StreamKeys, "status" | "chunks" | "live">;

/** What a look calls a stream that was not seen: no epoch. */
const NOT_SEEN = "-";

export interface ScriptBackendOptions {
  run: ScriptRunner;
  layout: StreamLayout;
  keysOf: (id: string) => ScriptKeys;
  limits: Required<Record<keyof StreamLimits, number>>;
  ttlSec: number;
  /** Whether one script may serve several streams: not where they lie on several nodes. */
  sharesScripts: boolean;
  /** Where what is stored in streams that are created here is announced, and listened for. */
  announces: "on channels" | "on shard channels" | undefined;
}

/** One script an operation: one round trip, atomic, on the Redis server's clock. */
export class ScriptBackend implements StreamBackend {
  readonly repeatsAppends = true;
  readonly #options: ScriptBackendOptions;
  readonly #ttl: string;
  readonly #appends: SharedAppends;

  constructor(options: ScriptBackendOptions) {
    this.#options = options;
    this.#ttl = String(options.ttlSec);
    this.#appends = new SharedAppends(options.run, options.layout.scripts);
  }

  async create(id: string, options: NewStream): Promise<void> {
    await this.run(id, this.#options.layout.scripts.create, this.createArgs(id, options));
  }

  /** What a script is told that may start a stream. */
  createArgs(id: string, { epoch, writer = "", leaseMs = 0, ttlSec }: NewStream): string[] {
    const { announces } = this.#options;
    const channel = announces === undefined ? "" : this.channelOf(id);
    const isSharded = announces === "on shard channels" ? "1" : "";
    return [epoch, writer, String(leaseMs), String(ttlSec), channel, isSharded];
  }

  async append(
    id: string,
    batch: Batch,
    { writer = "", op, after, end }: AppendOptions & { op: string },
  ): Promise<Appended> {
    const { layout, limits } = this.#options;
    const { maxChunks, maxBytes } = limits;
    const args = [
      writer,
      op,
      ...(end === undefined ? ["", ""] : layout.endArgs(end)),
      String(batch.bytes),
      String(maxChunks),
      String(maxBytes),
      this.#ttl,
      after === undefined ? "" : String(after),
      ...layout.stored(batch.chunks, end),
    ];
    const keys = this.#keys(id);
    const { run, sharesScripts } = this.#options;
    const reply = sharesScripts
      ? this.#appends.append(keys, args)
      : run(layout.scripts.append, keys, args);
    const [, totalChunks, epoch] = this.#ok(id, await reply);
    return { totalChunks: totalChunks as number, epoch: epoch as string };
  }

  async end(id: string, end: StreamEnd | "stopped"): Promise<void> {
    const { scripts, endArgs, storedEnd } = this.#options.layout;
    await this.run(id, scripts.end, [...endArgs(end), this.#ttl, ...storedEnd(end)]);
  }

  async read(id: string, afterSeq: number, maxBytes: number): Promise<StoredPage | null> {
    const [look] = await this.look([{ id, afterSeq, epoch: undefined }], maxBytes);
    if (look instanceof StreamError) throw look;
    return look as StoredPage | null;
  }

  async look(seen: Seen[], maxBytes: number): Promise<Look[]> {
    const groups = this.#options.sharesScripts ? [seen] : seen.map((one) => [one]);
    return (await Promise.all(groups.map((group) => this.#look(group, maxBytes)))).flat();
  }

  async #look(seen: Seen[], maxBytes: number): Promise<Look[]> {
    const keys = seen.flatMap(({ id }) => this.#keys(id));
    const cursors = seen.flatMap(({ afterSeq, epoch }) => [String(afterSeq), epoch ?? NOT_SEEN]);
    const { run, layout } = this.#options;
    const args = [String(maxBytes), this.#ttl, ...layout.readArgs, ...cursors];
    const reply = await run(layout.scripts.read, keys, args);
    const looks = seen.map((): Look => "as seen");
    for (let at = 1; at < reply.length;) {
      const [number, code, json, count] = reply.slice(at, at + 4) as [
        number,
        number,
        string,
        number,
      ];
      const stored = reply.slice(at + 4, at + 4 + count) as string[];
      const chunks = stored.map(layout.chunkOf);
      looks[number - 1] = this.#toLook(seen[number - 1]!.id, code, json, chunks);
      at += 4 + count;
    }
    return looks;
  }

  async toDelete(id: string): Promise<() => Promise<void>> {
    // By epoch: a repeated delete must not hit a stream that was created after the first one.
    const page = await this.read(id, 0, 0);
    return async () => {
      if (page !== null) await this.run(id, this.#options.layout.scripts.delete, [page.epoch]);
    };
  }

  channelOf(id: string): string {
    return this.#options.keysOf(id).live;
  }

  chunkOf(stored: string): string {
    return this.#options.layout.chunkOf(stored);
  }

  /** A script of one stream. @throws StreamError as the reply has it */
  async run(id: string, script: RedisScript, args: string[]): Promise<ScriptReply> {
    return this.#ok(id, await this.#options.run(script, this.#keys(id), args));
  }

  /** @throws StreamError as the reply has it */
  #ok(id: string, reply: ScriptReply): ScriptReply {
    if (reply[0] !== REPLY.OK) throw toStreamError(id, reply);
    return reply;
  }

  #toLook(id: string, code: number, json: string, chunks: string[]): Look {
    if (code === REPLY.NOT_FOUND) return null;
    if (code !== REPLY.OK) return toStreamError(id, [code]);
    const status = parseStatus(json);
    return {
      epoch: status.epoch ?? "",
      status: toStreamStatus(status),
      chunks,
      isAnnounced: this.#hears(id, status),
      leaseMs: status.lease,
    };
  }

  /** Whether the stream is announced where this store listens, and not on a channel of the other kind. */
  #hears(id: string, { notify, sharded }: StoredStatus): boolean {
    const { announces } = this.#options;
    const kind = sharded === undefined ? "on channels" : "on shard channels";
    return notify === this.channelOf(id) && kind === announces;
  }

  #keys(id: string): string[] {
    const { status, chunks } = this.#options.keysOf(id);
    return [status, chunks];
  }
}
