import { randomUUID } from "node:crypto";
import { startTcpProxy } from "@streambed/test-kit";
import type { Address, TcpProxy } from "@streambed/test-kit";
import { Redis } from "ioredis";
import { inject, onTestFinished } from "vitest";

export function randomPrefix(): string {
  return `test:${randomUUID()}`;
}

/** Where the Redis listens that all test files share. */
export function sharedAddress(): Address {
  const { hostname, port } = new URL(inject("redisUrl"));
  return { host: hostname, port: Number(port || 6379) };
}

/** An ioredis client for one test. Connection errors are what the tests are about: they are not printed. */
export function connect(url: string, options: { keyPrefix?: string } = {}): Redis {
  const client = new Redis(url, { ...options, retryStrategy: () => 20 });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** A proxy in front of the shared Redis, for one test. */
export async function proxyTo(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  onTestFinished(() => proxy.stop());
  return proxy;
}
