import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Readable } from "node:stream";
import type { RequestHandler } from "@streambed/core";
import { cutOff, disconnectSignal, headersFor } from "./send-response.ts";
import type { NodeResponse } from "./send-response.ts";
import { toRequest } from "./to-request.ts";

/** What of a Fastify instance the plugin uses. */
export interface FastifyLike {
  readonly prefix: string;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(contentType: string, parser: BodyParser): void;
  all(
    path: string,
    handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>,
  ): unknown;
}

type BodyParser = (
  request: unknown,
  payload: Readable,
  done: (error: null, body: Readable) => void,
) => void;

export interface FastifyRequestLike {
  readonly raw: IncomingMessage | Http2ServerRequest;
  readonly url: string;
  readonly protocol: string;
  readonly host: string;
  body: unknown;
}

export interface FastifyReplyLike {
  readonly raw: NodeResponse;
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(payload?: unknown): unknown;
}

export type FastifyPlugin = (fastify: FastifyLike, options: unknown, done: () => void) => void;

/**
 * Lets `handler` answer what is below its prefix, and that below the prefix under which the plugin is
 * registered. Hooks run and errors go to the error handler, as with any route.
 */
export function streambedPlugin(handler: RequestHandler): FastifyPlugin {
  return (fastify, _, done) => {
    // In here alone: the handler reads bodies itself, whatever their type, and as far as it wants to.
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));

    const depth = fastify.prefix.split("/").length - 1;
    const answer = async (
      { raw, url, body, protocol, host }: FastifyRequestLike,
      reply: FastifyReplyLike,
    ): Promise<unknown> => {
      const signal = disconnectSignal(reply.raw);
      const request = toRequest(raw, {
        target: `/${url
          .split("/")
          .slice(depth + 1)
          .join("/")}`,
        protocol,
        host: host || undefined,
        // Over HTTP/2, Fastify takes a body of no declared type and length for none.
        body: (body as Readable | undefined) ?? raw,
        signal,
      });
      const response = await handler(request);
      const sent = response.body ? watch(response.body, reply.raw, signal) : undefined;
      // Not as a `Response`: plugins that look at a reply's headers must find them there.
      reply.code(response.status);
      for (const [name, value] of headersFor(reply.raw, response.headers))
        reply.header(name, value);
      return reply.send(sent);
    };
    const path = handler.prefix.replaceAll(":", "::");
    fastify.all(path, answer);
    fastify.all(`${path}/*`, answer);
    done();
  };
}

/**
 * The same body, for a Fastify that holds headers back until its first piece, and may not notice who left
 * before there was one. When it asks for that piece, it has set the headers.
 */
function watch(
  body: ReadableStream<Uint8Array>,
  raw: NodeResponse,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const leave = (): void => void reader.cancel().catch(() => {});
  if (signal.aborted || raw.req.method === "HEAD") leave();
  else signal.addEventListener("abort", leave);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        (raw as ServerResponse).flushHeaders();
        try {
          const next = await reader.read();
          if (next.done) return controller.close();
          // On anything else Fastify ends the process.
          if (!ArrayBuffer.isView(next.value)) throw new TypeError("a body must be made of bytes");
          controller.enqueue(next.value);
        } catch (error) {
          leave();
          cutOff(raw);
          throw error;
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}
