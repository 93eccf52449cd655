import { randomUUID } from "node:crypto";
import type { RedisClient } from "@streambed/redis-driver";
import type { RespConnection } from "@streambed/test-kit";
import { inject } from "vitest";
import type { TestContext } from "vitest";
import { openFaultyEndpoint, openRaw } from "../../redis-stream-store/test/support-clients.ts";
import type { ClientKind, FaultyEndpoint } from "../../redis-stream-store/test/support-clients.ts";
import { RedisRunLogStore, RunLogWriter } from "../src/index.ts";
import type { RunLogWriterOptions } from "../src/index.ts";
import { readEntriesScript, readScript } from "../src/scripts.generated.ts";

/** What a Redis Stream holds of one entry. */
export interface StoredEntry {
  seq: number;
  data: string;
  /** The fields besides: `complete`, where it is there. */
  complete?: string;
}

export interface Writing {
  prefix: string;
  endpoint: FaultyEndpoint;
  /** Behind the faults. */
  client: RedisClient;
  /** A store behind no faults, of a client of its own. */
  onlooker: RedisRunLogStore;
  raw: RespConnection;
  /** A writer over the client, stopped when the test is over. */
  writer(options?: RunLogWriterOptions): RunLogWriter;
  /** A client of its own behind the same faults, as another process has. */
  another(): Promise<RedisClient>;
  entries(runId: string): Promise<StoredEntry[]>;
  /** The status as it is stored. */
  meta(runId: string): Promise<Record<string, unknown>>;
}

/** All that a test of writing needs, under a prefix of its own. */
export async function setUpWriting(
  test: TestContext,
  { kind = "ioredis 6", url = inject("redisUrl") }: { kind?: ClientKind; url?: string } = {},
): Promise<Writing> {
  const prefix = `test:${randomUUID()}`;
  const endpoint = await openFaultyEndpoint(kind, url);
  const raw = await openRaw(url);
  const direct = await openFaultyEndpoint("ioredis 6", url);
  const writers: RunLogWriter[] = [];
  test.onTestFinished(async () => {
    endpoint.losesReplies(() => false);
    endpoint.proxy.blackhole(false);
    await endpoint.proxy.refuse(false);
    await Promise.allSettled(writers.map((writer) => writer.stop()));
    await Promise.all([endpoint[Symbol.asyncDispose](), direct[Symbol.asyncDispose]()]);
    raw.close();
  });
  const { client } = await endpoint.connect();
  const another = async (): Promise<RedisClient> => (await endpoint.connect()).client;
  const onlooker = new RedisRunLogStore((await direct.connect()).client, {
    prefix,
    pollIntervalMs: 20,
  });
  return {
    prefix,
    endpoint,
    client,
    onlooker,
    raw,
    another,
    writer(options) {
      const writer = new RunLogWriter(client, { prefix, ...options });
      writers.push(writer);
      return writer;
    },
    entries: (runId) => storedEntries(raw, `${prefix}:${runId}`),
    meta: async (runId) =>
      JSON.parse(await raw.text("GET", `{${prefix}:${runId}}:meta`)) as Record<string, unknown>,
  };
}

/** The entries as they lie in Redis. */
async function storedEntries(raw: RespConnection, key: string): Promise<StoredEntry[]> {
  const entries = (await raw.command("XRANGE", key, "-", "+")) as [Buffer, Buffer[]][];
  return entries.map(([, list]) => {
    const fields: Record<string, string> = {};
    for (let i = 0; i < list.length; i += 2) fields[String(list[i])] = String(list[i + 1]);
    const { seq_id: seq, data = "", timestamp, ...rest } = fields;
    if (!/^\d{13}$/.test(timestamp ?? "")) throw new Error(`timestamp ${timestamp}`);
    return { seq: Number(seq), data, ...rest };
  });
}

/** What a log of these data should hold: seqs from 1, the last one complete if the run is. */
export function asEntries(data: readonly string[], { complete = false } = {}): StoredEntry[] {
  return data.map((one, i) => ({
    seq: i + 1,
    data: one,
    ...(complete && i === data.length - 1 ? { complete: "true" } : {}),
  }));
}

export const sse = (text: string): string => `data: ${text}\n\n`;
export const DONE = "data: [DONE]\n\n";
export const LOST = 'event: error\ndata: {"error":{"message":"producer lost"}}\n\n';

/** Loses the reply to the first attempt of every write from here on. @returns how many were lost, by script */
export function losesEveryWrite(endpoint: FaultyEndpoint): { lost: number } {
  const reads = [readScript, readEntriesScript].flatMap(({ sha1, source }) => [sha1, source]);
  const seen = new Set<string>();
  const count = { lost: 0 };
  endpoint.losesReplies(([command = "", script = "", ...rest]) => {
    if (!/^EVAL(SHA)?$/i.test(command) || reads.includes(script)) return false;
    const call = rest.join("\0");
    if (seen.has(call)) return false;
    seen.add(call);
    count.lost++;
    return true;
  });
  return count;
}

/** Numbers from 1 to `count`, as chunks. */
export function chunksOf(count: number, name = "chunk"): string[] {
  return Array.from({ length: count }, (_, i) => sse(`${name} ${i + 1}`));
}

/** The code of an error. */
export const codeOf = (error: unknown): string => String((error as { code?: unknown }).code);
