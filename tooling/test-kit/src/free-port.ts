import { createServer } from "node:net";

/** Below the range the systems use for outgoing connections, so that none of those takes the port before its server binds it. Above 10 080, which fetch refuses as a bad port. */
const FIRST = 10_100;
const LAST = 22_000;
const TRIES = 50;

/**
 * A TCP port of 127.0.0.1 that nobody listens on. Nothing reserves it: whoever binds it must cope with losing the race.
 * @param companions offsets that must be free too, such as 10 000 for the bus of a Redis Cluster node
 */
export async function freePort(companions: readonly number[] = []): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const free = await Promise.all([0, ...companions].map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`No free port found between ${FIRST} and ${LAST} in ${TRIES} tries.`);
}

/** `count` different free ports. */
export async function freePorts(
  count: number,
  companions: readonly number[] = [],
): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort(companions));
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
