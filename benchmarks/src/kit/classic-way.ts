import type { Redis } from "ioredis";
import { median, short } from "./measure.ts";

const TTL_SEC = 300;
const COMMANDS = 4;

/**
 * How such stores usually append a chunk: four commands, each awaited before the next. The baseline of
 * every figure about writing.
 */
export async function appendClassically(client: Redis, id: string, chunk: string): Promise<void> {
  const chunks = `classic:${id}:chunks`;
  const status = `classic:${id}:status`;
  await client.rpush(chunks, chunk);
  await client.expire(chunks, TTL_SEC);
  const stored = JSON.parse((await client.get(status)) ?? `{"totalChunks":0}`) as Status;
  stored.totalChunks++;
  await client.set(status, JSON.stringify(stored), "EX", TTL_SEC);
}

/** How fast that went, and how near Redis therefore is: the nearer, the smaller any lead over it. */
export function classicBaseline(chunksPerSecond: readonly number[]): string {
  const rate = median(chunksPerSecond);
  return `classic way: ${short(rate)} chunks/s (${short(1e6 / rate / COMMANDS)} µs a command)`;
}

interface Status {
  totalChunks: number;
}
