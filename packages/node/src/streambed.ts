import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { RequestHandler } from "@streambed/core";
import { disconnectSignal, sendResponse } from "./send-response.ts";
import type { NodeResponse } from "./send-response.ts";
import { BadRequest, toRequest } from "./to-request.ts";
import type { RequestView } from "./to-request.ts";

/** Node's request; the rest is there if Express, or a framework like it, has put it there. */
export type NodeRequest = (IncomingMessage | Http2ServerRequest) & {
  originalUrl?: string;
  protocol?: string;
  body?: unknown;
};
export type NodeMiddleware = (
  req: NodeRequest,
  res: NodeResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Lets `handler` answer what is below its prefix; everything else goes on to `next`, and so do errors. The
 * prefix is compared with the whole path of the request, wherever the middleware is mounted. Without a `next`,
 * as a listener of node:http or node:http2, the rest is 404, and an error 500.
 */
export function streambed(handler: RequestHandler): NodeMiddleware {
  const { prefix } = handler;

  async function answer(req: NodeRequest, res: NodeResponse, target: string): Promise<void> {
    const signal = disconnectSignal(res);
    try {
      const request = toRequest(req, { ...viewOf(req), target, signal });
      await sendResponse(await handler(request), res, signal);
    } catch (error) {
      // That the client has gone is no error of the application's.
      if (!signal.aborted || error !== signal.reason) throw error;
    }
  }

  return (req, res, next) => {
    const goOn = next ?? ((error) => refuse(res, error));
    const target = req.originalUrl ?? req.url ?? "";
    const [path = ""] = target.split("?", 1);
    if (path === prefix || path.startsWith(`${prefix}/`)) answer(req, res, target).catch(goOn);
    else goOn();
  };
}

function viewOf(req: NodeRequest): Omit<RequestView, "target" | "signal"> {
  const { headers, socket, protocol = "encrypted" in socket ? "https" : "http" } = req;
  const host = [headers[":authority"] ?? headers.host].flat()[0];
  return { protocol, host, body: req.readableEnded ? unparse(req) : req };
}

/** What a parser in front has read: text and bytes as they are, JSON as JSON again, and of a form nothing. */
function unparse({ body, headers }: NodeRequest): Uint8Array | string | undefined {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  return /^[^;]*\bjson\b/i.test(headers["content-type"] ?? "") ? JSON.stringify(body) : undefined;
}

/** What stands in for a `next`. Without an error, the request is nobody's. */
function refuse(res: NodeResponse, error: unknown): void {
  if (res.headersSent) return;
  const status = error === undefined ? 404 : error instanceof BadRequest ? error.status : 500;
  res.statusCode = status;
  res.setHeader("content-type", "application/json");
  res.end(JSON.stringify({ error: REFUSALS[status] }));
}

const REFUSALS: Record<number, string> = {
  400: "bad request",
  404: "there is nothing here",
  500: "internal server error",
};
