import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DropPlan } from "./drop-plan.ts";
import { readJson, sendJson } from "./http-json.ts";
import { type Address, RespConnection } from "./resp-connection.ts";
import { RespError } from "./resp-parser.ts";
import { readCall, type RunCommands } from "./upstash-endpoints.ts";
import { serveSubscription } from "./upstash-subscription.ts";

export interface UpstashEmulatorOptions extends Address {
  /** The bearer token that clients must send. @default "test-token" */
  token?: string;
}

/** Upstash's REST interface in front of a Redis. `await using` stops it; the Redis stays. */
export interface UpstashEmulator extends AsyncDisposable {
  /** For `new Redis({ url, token })` of `@upstash/redis`. */
  url: string;
  port: number;
  token: string;
  /** HTTP requests that arrived, refused ones too. */
  readonly requests: number;
  /** Commands that went to Redis, each command of a pipeline or transaction and each subscription counting once. */
  readonly billedCommands: number;
  resetCounts(): void;
  /** Carries out the next `which` requests, or the next one that matches, then cuts the connection without an answer. Calls add up; 0 calls everything off. */
  dropReplies(which: number | ((commands: string[][]) => boolean)): void;
  stop(): Promise<void>;
}

/** Starts the emulator on a port of 127.0.0.1. */
export async function startUpstashEmulator({
  host,
  port: redisPort,
  token = "test-token",
}: UpstashEmulatorOptions): Promise<UpstashEmulator> {
  const redis = { host, port: redisPort };
  const counts = { requests: 0, billedCommands: 0 };
  const drops = new DropPlan<string[][]>();
  let shared: Promise<RespConnection> | undefined;

  /** All at once on one connection, so nothing comes between the commands of one request. */
  const run: RunCommands = async (commands) => {
    counts.billedCommands += commands.filter(
      ([name]) => name !== "MULTI" && name !== "EXEC",
    ).length;
    shared ??= RespConnection.open(redis);
    try {
      const connection = await shared;
      return await Promise.all(
        commands.map((command) => connection.command(...command).catch(keepRespError)),
      );
    } catch (error) {
      shared = undefined;
      throw error;
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counts.requests++;
    if (request.headers.authorization !== `Bearer ${token}`) {
      return sendJson(response, 401, { error: "WRONGPASS invalid or missing auth token" });
    }
    const [endpoint = "", ...path] = new URL(`http://emulator${request.url}`).pathname
      .slice(1)
      .split("/")
      .map(decodeURIComponent);
    if (request.method !== "POST")
      return sendJson(response, 405, { error: "ERR method not allowed" });
    if (endpoint === "subscribe" || endpoint === "psubscribe") {
      counts.billedCommands++;
      return serveSubscription(redis, [endpoint, ...path], response);
    }
    const call = readCall(endpoint, await readJson(request));
    if (!call) return sendJson(response, 400, { error: "ERR failed to parse command" });
    const { status, body } = await call.answer(
      run,
      request.headers["upstash-encoding"] === "base64",
    );
    if (drops.takes(call.commands)) return void response.destroy();
    response.setHeader("upstash-sync-token", request.headers["upstash-sync-token"] || "0");
    sendJson(response, status, body);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) =>
      sendJson(response, 500, { error: `ERR ${String(error)}` }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    (await shared?.catch(() => undefined))?.close();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    token,
    get requests() {
      return counts.requests;
    },
    get billedCommands() {
      return counts.billedCommands;
    },
    resetCounts: () => void Object.assign(counts, { requests: 0, billedCommands: 0 }),
    dropReplies: (which) => drops.arm(which),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function keepRespError(error: unknown): RespError {
  if (error instanceof RespError) return error;
  throw error;
}
