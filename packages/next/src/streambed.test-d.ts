import type { RequestHandler } from "@streambed/core";
import type { NextRequest } from "next/server.js";
import { expectTypeOf, test } from "vitest";
import { streambed } from "./index.ts";

declare const handler: RequestHandler;

/** As Next's own checks of a `route.ts` have it. */
type RouteHandler = (
  request: NextRequest,
  context: { params: Promise<{ path?: string[] }> },
) => Promise<Response | void> | Response | void;

test("each is a route handler", () => {
  const { GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS } = streambed(handler);
  for (const answer of [GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS]) {
    expectTypeOf(answer).toExtend<RouteHandler>();
  }
  // @ts-expect-error -- there is no such method
  void streambed(handler).CONNECT;
});

test("a function that is no handler is refused", () => {
  // @ts-expect-error -- it has no prefix
  streambed(async (request: Request) => new Response(request.url));
});
