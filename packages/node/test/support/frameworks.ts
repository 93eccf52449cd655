import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { Http2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { RequestHandler } from "@streambed/core";
import express from "express";
import type { Express } from "express";
import fastify from "fastify";
import { onTestFinished } from "vitest";
import { streambed, streambedPlugin } from "../../src/index.ts";

export interface TestServer {
  origin: string;
  http2: boolean;
  server: Server | Http2Server;
  /** The connections that are open. */
  sockets: Set<Socket>;
}

/** Serves a handler, and at `/other` something of the application's own, if it is one. */
export interface Framework {
  name: string;
  start(handler: RequestHandler): Promise<TestServer>;
}

export const FRAMEWORKS: Framework[] = [
  { name: "node:http", start: (handler) => listen(createServer(streambed(handler))) },
  { name: "node:http2", start: (handler) => listen(createHttp2Server(streambed(handler))) },
  {
    name: "Express",
    start: (handler) =>
      startExpress((app) => {
        app.use(streambed(handler));
        app.get("/other", (_, res) => void res.send("the app's"));
      }),
  },
  {
    name: "Fastify",
    async start(handler) {
      const app = fastify();
      await app.register(streambedPlugin(handler));
      app.get("/other", () => "the app's");
      await app.ready();
      return listen(app.server);
    },
  },
  {
    name: "Fastify over HTTP/2",
    async start(handler) {
      const app = fastify({ http2: true });
      await app.register(streambedPlugin(handler));
      app.get("/other", () => "the app's");
      await app.ready();
      return listen(app.server);
    },
  },
];

export function startExpress(build: (app: Express) => void): Promise<TestServer> {
  // Its own error handler prints errors unless this is a test.
  const app = express().set("env", "test");
  build(app);
  return listen(createServer(app));
}

/** On a free port, for the length of a test. */
export async function listen(server: Server | Http2Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    http2: !("closeAllConnections" in server),
    server,
    sockets,
  };
}
