import type { RedisScript } from "@streambed/redis-driver";
import { until } from "./support-clients.ts";
import type { ClientKind, FaultyEndpoint } from "./support-clients.ts";

/** Loses the replies to the next `times` runs of a script; resolves when they are lost. */
export function loseReplies(
  endpoint: FaultyEndpoint,
  script: RedisScript,
  times: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  endpoint.losesReplies((command) => {
    const hit = left > 0 && isRun(command, script);
    if (hit && --left === 0) resolve();
    return hit;
  });
  return promise;
}

/**
 * Carries out `call` so that its first attempt is applied but not answered, then `meanwhile`, and only
 * then lets the client through again.
 */
export async function interrupted<T>(
  { endpoint, kind }: { endpoint: FaultyEndpoint; kind: ClientKind },
  script: RedisScript,
  call: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<T> {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  let isLost = false;
  endpoint.losesReplies((command) => {
    if (isLost || !isRun(command, script)) return false;
    isLost = true;
    void endpoint.proxy.refuse(true).then(resolve);
    return true;
  });
  const result = call();
  result.catch(() => {});
  await lost;
  // The reply is swallowed when it comes, and the connection with it: then the attempt was applied.
  if (kind !== "Upstash") await until(() => endpoint.proxy.connections === 0);
  await meanwhile();
  await endpoint.proxy.refuse(false);
  return result;
}

function isRun([command = "", sha1]: string[], script: RedisScript): boolean {
  return /^EVALSHA$/i.test(command) && sha1 === script.sha1;
}
