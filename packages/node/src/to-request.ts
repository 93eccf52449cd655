import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Readable } from "node:stream";

/** What of a request is not as it came in: frameworks cut paths, believe proxies and read bodies. */
export interface RequestView {
  /** Path and query, as the handler is to see them. */
  target: string;
  protocol: string;
  host: string | undefined;
  body: Readable | Uint8Array | string | undefined;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
}

/** A request that means nothing, or not the same to everybody. Express and Fastify take the status from it. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status = 400;
  readonly statusCode = 400;
}

/** @throws BadRequest if the web knows no such request: `TRACE`, an invalid `Host`, a path like `/a/../b` */
export function toRequest(raw: IncomingMessage | Http2ServerRequest, view: RequestView): Request {
  const { method = "GET" } = raw;
  const body = method === "GET" || method === "HEAD" ? undefined : view.body;
  try {
    return new Request(toUrl(view), {
      method,
      headers: toHeaders(raw, body === raw),
      body: typeof body === "object" && "iterator" in body ? toStream(body) : body,
      signal: view.signal,
      // Bodies that are streams demand it, and not every version of the types knows it.
      ...{ duplex: "half" },
    } as RequestInit);
  } catch (cause) {
    throw new BadRequest("bad request", { cause });
  }
}

/**
 * A path that changes when it is parsed is refused: whoever guards it by how it looks (a router, a proxy)
 * and whoever answers it must see the same.
 */
function toUrl({ protocol, host = "localhost", target }: RequestView): URL {
  const site = new URL(`${protocol}://${host}`);
  const url = new URL(site.origin + target);
  const isPlain = site.href === `${site.origin}/` && url.pathname === target.split("?", 1)[0];
  if (!isPlain) throw new TypeError("the host or the path is not plain");
  return url;
}

function toHeaders(raw: IncomingMessage | Http2ServerRequest, asSent: boolean): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw.headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    // They describe the bytes on the wire.
    if (!asSent && /^(content-(length|encoding)|transfer-encoding)$/.test(name)) continue;
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}

/**
 * Reads what is asked for, and no more. A handler that cancels wants no more of the body, but the client is to
 * get its answer: the rest is read and dropped, where `Readable.toWeb` would cut the connection.
 */
function toStream(source: Readable): ReadableStream<Uint8Array> {
  const chunks = source.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = (await chunks.next()) as IteratorResult<Uint8Array, undefined>;
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return?.();
        source.resume();
      },
    },
    { highWaterMark: 0 },
  );
}
