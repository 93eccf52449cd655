import type { RequestHandler } from "@streambed/core";
import type { MiddlewareHandler } from "hono";
import { contextOf } from "./context-of.ts";

/**
 * Lets `handler` answer what is below its prefix; everything else goes on to the next. The prefix is
 * compared with the whole path of the request, wherever the middleware is mounted.
 */
export function streambed(handler: RequestHandler): MiddlewareHandler {
  return async (c, next) => {
    const { pathname } = new URL(c.req.url);
    if (pathname !== handler.prefix && !pathname.startsWith(`${handler.prefix}/`)) return next();
    return handler(c.req.raw, contextOf(c));
  };
}
