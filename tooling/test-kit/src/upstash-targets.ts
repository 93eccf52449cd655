import type { Address } from "./resp-connection.ts";
import { startUpstashEmulator } from "./upstash-emulator.ts";

/** A REST interface, for `new Redis({ url, token })` of `@upstash/redis`. */
export interface UpstashAccess extends AsyncDisposable {
  url: string;
  token: string;
}

/** One place where tests of Upstash run. */
export interface UpstashTarget {
  /** For the names of tests. */
  name: "emulator" | "service";
  /** How much longer than with a server on this machine things may take, as a factor. */
  patience: number;
  /** @param redis what the emulator stands in front of; the service has its own */
  open(redis: Address): Promise<UpstashAccess>;
}

/**
 * The emulator, always; and the service itself where the environment names a database of it, by
 * UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN. What tests leave there goes by its TTL.
 */
export function upstashTargets(env: NodeJS.ProcessEnv = process.env): UpstashTarget[] {
  // Each command is an HTTP request through two processes: on a busy machine a race of hundreds takes its time.
  const emulator: UpstashTarget = { name: "emulator", patience: 3, open: startUpstashEmulator };
  // Empty is what a CI without the secret sets.
  const url = env.UPSTASH_REDIS_REST_URL || undefined;
  const token = env.UPSTASH_REDIS_REST_TOKEN || undefined;
  if (url === undefined && token === undefined) return [emulator];
  if (url === undefined || token === undefined) {
    throw new Error("Set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or neither.");
  }
  const access: UpstashAccess = { url, token, async [Symbol.asyncDispose]() {} };
  return [emulator, { name: "service", patience: 10, open: async () => access }];
}
