import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { RequestHandler } from "@streambed/core";
import { onTestFinished } from "vitest";

/** The handler on a free port, for the length of a test. Resolves to the origin. */
export async function nodeServer(handler: RequestHandler): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const body = method === "GET" ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
    const init = { method, headers: headers as Record<string, string>, body, duplex: "half" };
    void (async () => {
      const response = await handler(new Request(new URL(url, "http://app.test"), init));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body === null) return outgoing.end();
      // Who leaves in the middle cancels the response's body, and makes this reject.
      await pipeline(Readable.fromWeb(response.body as NodeReadableStream), outgoing).catch(
        () => {},
      );
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
