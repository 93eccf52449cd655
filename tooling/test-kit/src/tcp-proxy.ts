import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { DropPlan } from "./drop-plan.ts";
import { freePort } from "./free-port.ts";
import { ProxyLink, type ProxyState } from "./proxy-link.ts";
import type { Address } from "./resp-connection.ts";

export interface TcpProxyOptions extends Address {
  /** What the server speaks. Only Redis's protocol is parsed: elsewhere nothing is counted and no reply can be dropped. @default "redis" */
  protocol?: "redis" | "http";
  /** @default 0 */
  delayMs?: number;
  /** Called with every request that a client sends. */
  onRequest?: (args: Buffer[]) => void;
}

/** A server's address with faults to switch on. `await using` stops it. */
export interface TcpProxy extends Address, AsyncDisposable {
  url: string;
  /** Added to each piece of data in each direction, so twice to a round trip. May be changed at any time. */
  delayMs: number;
  /** How many requests clients sent, by command name in capitals. */
  readonly counts: Record<string, number>;
  /** How many clients are connected. */
  readonly connections: number;
  resetCounts(): void;
  /**
   * Lets the next `which` requests, or the next one that matches, reach the server, then swallows the reply and cuts
   * the connection: the client cannot know whether its request was carried out. Earlier replies still arrive.
   * Calls add up; 0 calls everything off. Subscribing cannot be matched.
   */
  dropReplies(which: number | ((args: Buffer[]) => boolean)): void;
  /** Lets this many more bytes reach clients, then cuts the connection, in the middle of a reply if it so falls. */
  cutAfterBytes(bytes: number): void;
  /** Cuts all connections now. */
  cut(): void;
  /** While on, connections are accepted and nothing gets through, in either direction. What was sent arrives after it. */
  blackhole(on: boolean): void;
  /** While on, nobody listens; connections that are open stay. */
  refuse(on: boolean): Promise<void>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Puts a proxy in front of a TCP server. */
export async function startTcpProxy({
  host,
  port: targetPort,
  protocol = "redis",
  delayMs = 0,
  onRequest,
}: TcpProxyOptions): Promise<TcpProxy> {
  const links = new Set<ProxyLink>();
  const counts: Record<string, number> = {};
  let endBlackhole: (() => void) | undefined;
  const state: ProxyState = {
    target: { host, port: targetPort },
    parsed: protocol === "redis",
    delayMs,
    heal: undefined,
    bytesUntilCut: undefined,
    drops: new DropPlan(),
    onRequest(args) {
      const name = String(args[0]).toUpperCase();
      counts[name] = (counts[name] ?? 0) + 1;
      onRequest?.(args);
    },
  };
  const accept = (client: Socket): void => {
    const link = new ProxyLink(client, state);
    links.add(link);
    client.once("close", () => links.delete(link));
  };
  let listener: Server | undefined = await listen(accept, await freePort());
  const { port } = listener.address() as AddressInfo;

  const proxy: Omit<TcpProxy, typeof Symbol.asyncDispose> = {
    host: HOST,
    port,
    url: `${protocol}://${HOST}:${port}`,
    counts,
    get delayMs() {
      return state.delayMs;
    },
    set delayMs(value) {
      state.delayMs = value;
    },
    get connections() {
      return links.size;
    },
    resetCounts() {
      for (const name of Object.keys(counts)) delete counts[name];
    },
    dropReplies: (which) => state.drops.arm(which),
    cutAfterBytes(bytes) {
      state.bytesUntilCut = bytes;
    },
    cut() {
      for (const link of links) link.cut();
    },
    blackhole(on) {
      if (on === (state.heal !== undefined)) return;
      if (!on) return endBlackhole?.();
      const { promise, resolve } = Promise.withResolvers<void>();
      state.heal = promise;
      endBlackhole = () => {
        state.heal = undefined;
        resolve();
      };
    },
    async refuse(on) {
      if (on) {
        listener?.close();
        listener = undefined;
      } else {
        listener ??= await listen(accept, port);
      }
    },
    async stop() {
      await proxy.refuse(true);
      proxy.blackhole(false);
      proxy.cut();
    },
  };
  return Object.defineProperty(proxy, Symbol.asyncDispose, {
    value: () => proxy.stop(),
  }) as TcpProxy;
}

async function listen(accept: (client: Socket) => void, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accept);
  server.listen(port, HOST);
  await once(server, "listening");
  return server;
}
