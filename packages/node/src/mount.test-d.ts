import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { RequestHandler } from "@streambed/core";
import express from "express";
import fastify from "fastify";
import { expectTypeOf, test } from "vitest";
import { streambed, streambedPlugin } from "./index.ts";

declare const handler: RequestHandler;

test("is what node:http, node:http2 and Express take", () => {
  createServer(streambed(handler));
  createHttp2Server(streambed(handler));
  express().use(streambed(handler)).use("/api", streambed(handler));
  express.Router().all("/*path", streambed(handler));
});

test("is what Fastify takes, over HTTP/2 too, and with a prefix", async () => {
  await fastify().register(streambedPlugin(handler));
  await fastify().register(streambedPlugin(handler), { prefix: "/api" });
  await fastify({ http2: true }).register(streambedPlugin(handler));
  await fastify({ logger: true }).register(streambedPlugin(handler), { prefix: "/api" });
});

test("takes handlers, not functions", () => {
  expectTypeOf<(request: Request) => Promise<Response>>().not.toExtend<
    Parameters<typeof streambed>[0]
  >();
});
