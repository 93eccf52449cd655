import { randomUUID } from "node:crypto";
import type { StreamChunk, StreamStatus } from "@streambed/core/contracts";
import { askRedis, startTcpProxy } from "@streambed/test-kit";
import type { Address, RespValue, TcpProxy } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { inject, onTestFinished } from "vitest";

export type RunReader = AsyncGenerator<StreamChunk, StreamStatus, undefined>;

export const DONE = "data: [DONE]\n\n";

export function randomPrefix(): string {
  return `test:${randomUUID()}`;
}

/** Where the Redis listens that all test files share. */
export function sharedAddress(): Address {
  const { hostname, port } = new URL(inject("redisUrl"));
  return { host: hostname, port: Number(port || 6379) };
}

/** A raw command to the shared Redis. Resolves to its reply, with strings in place of bytes. */
export async function ask(...command: string[]): Promise<unknown> {
  return asText(await askRedis(sharedAddress(), ...command));
}

function asText(reply: RespValue): unknown {
  if (Array.isArray(reply)) return reply.map(asText);
  return Buffer.isBuffer(reply) ? String(reply) : reply;
}

/** An ioredis client for one test. Connection errors are what some tests are about: they are not printed. */
export function connect(url: string = inject("redisUrl")): Redis {
  const client = new Redis(url, { retryStrategy: () => 20 });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** A proxy in front of the shared Redis, for one test, and the requests that went through it. */
export async function proxyToShared(): Promise<{ proxy: TcpProxy; requests: string[][] }> {
  const requests: string[][] = [];
  const onRequest = (args: Buffer[]): void => void requests.push(args.map(String));
  const proxy = await startTcpProxy({ ...sharedAddress(), onRequest });
  onTestFinished(() => proxy.stop());
  return { proxy, requests };
}

/** Adds an entry as a writer of the layout does, field by field. Resolves to its id. */
export async function addEntry(
  key: string,
  fields: Record<string, string>,
  id = "*",
): Promise<string> {
  return String(await ask("XADD", key, id, ...Object.entries(fields).flat()));
}

/** Entries of a writer that has no meta, from seq 1 on, the last of them `complete` if told so. */
export async function addEntries(
  key: string,
  data: readonly string[],
  { from = 1, complete = false }: { from?: number; complete?: boolean } = {},
): Promise<void> {
  for (const [i, text] of data.entries()) {
    const end = complete && i === data.length - 1 ? { complete: "true" } : undefined;
    const timestamp = String(Date.now());
    await addEntry(key, { seq_id: String(from + i), data: text, timestamp, ...end });
  }
}

/** One line of data. */
export const message = (text: string): string => `data: ${text}\n\n`;

export const messages = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, i) => message(`m${from + i}`));

/** All that a reader yields, and what it returns. */
export async function readAll(
  reader: RunReader,
): Promise<{ chunks: StreamChunk[]; end: StreamStatus }> {
  const chunks: StreamChunk[] = [];
  for (;;) {
    const next = await reader.next();
    if (next.done === true) return { chunks, end: next.value };
    chunks.push(next.value);
  }
}

/** What a reader has yielded so far, the code that it failed with, and what it returned. */
export interface Followed {
  chunks: StreamChunk[];
  /** Resolves to the end, or to the code of the error. */
  outcome: Promise<StreamStatus | string>;
}

export function follow(reader: RunReader): Followed {
  const chunks: StreamChunk[] = [];
  const outcome = (async () => {
    for (;;) {
      const next = await reader.next();
      if (next.done === true) return next.value;
      chunks.push(next.value);
    }
  })().catch((error: unknown) => {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  });
  outcome.catch(() => {});
  return { chunks, outcome };
}

/** Seqs and data as a writer numbers them. */
export const numbered = (data: readonly string[], from = 1): StreamChunk[] =>
  data.map((text, i) => ({ seq: from + i, data: text }));
