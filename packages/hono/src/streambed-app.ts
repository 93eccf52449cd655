import type { RequestHandler } from "@streambed/core";
import { Hono } from "hono";
import type { Context } from "hono";
import { basePath } from "hono/route";
import { contextOf } from "./context-of.ts";

/**
 * An app of the handler's routes alone, to be mounted with `app.route` or served as it is. As with any app,
 * they lie below the path where it is mounted; the handler sees its requests without that path.
 */
export function streambedApp(handler: RequestHandler): Hono {
  return new Hono().all(`${handler.prefix}/*`, (c) => handler(belowMount(c), contextOf(c)));
}

function belowMount(c: Context): Request {
  // Counted, not compared: the path in Hono is decoded.
  const depth = basePath(c).split("/").filter(Boolean).length;
  if (depth === 0) return c.req.raw;
  const url = new URL(c.req.url);
  url.pathname = url.pathname
    .split("/")
    .slice(depth + 1)
    .join("/");
  return new Request(url, c.req.raw);
}
