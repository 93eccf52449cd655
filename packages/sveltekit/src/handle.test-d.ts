import type { ChatHandlerOptions, StreamHandlerOptions } from "@streambed/ai-sdk";
import type { RequestHandler } from "@streambed/core";
import type { RequestEvent, RequestHandler as RouteHandler } from "@sveltejs/kit";
import { sequence } from "@sveltejs/kit/hooks";
import type { Handle } from "@sveltejs/kit/hooks";
import { expectTypeOf, test } from "vitest";
import { streambed, streambedRoute } from "./index.ts";
import { createChatHandler, createStreamHandler } from "./server.ts";

declare const handler: RequestHandler;
declare const streams: StreamHandlerOptions;
declare const chats: ChatHandlerOptions;

test("hooks are SvelteKit's", () => {
  expectTypeOf(streambed(handler)).toEqualTypeOf<Handle>();
  expectTypeOf(createStreamHandler(streams)).toEqualTypeOf<Handle>();
  expectTypeOf(createChatHandler(chats)).toEqualTypeOf<Handle>();
  sequence(streambed(handler), createStreamHandler(streams));
});

test("a route takes it, whatever its parameters are", () => {
  expectTypeOf(streambedRoute(handler)).toExtend<RouteHandler>();
  expectTypeOf(streambedRoute(handler)).toExtend<
    (event: RequestEvent<{ path: string }, never>) => Promise<Response>
  >();
});

test("handlers, not functions, and `authorize` for chats", () => {
  // @ts-expect-error: it has no prefix
  streambed(async () => new Response());
  // @ts-expect-error: chats' ids can be guessed
  createChatHandler({ ...chats, authorize: undefined });
});
