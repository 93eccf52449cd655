import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MemoryStreamStore } from "@streambed/memory";
import { streambed } from "@streambed/node";
import { freePort } from "@streambed/test-kit";
import { rolldown } from "rolldown";
import { answersHandler } from "../../support/answers-handler.ts";

/** What a page asks for: so many chunks, one every so often. */
export interface Question {
  chunks: number;
  everyMs: number;
  /** How long a chunk is. @default as long as its number */
  length?: number;
}

/** A server with a page that uses the client, and answers that come by plan. `await using` stops it. */
export interface Site extends AsyncDisposable {
  host: string;
  port: number;
  url: string;
  /** How many answers are being read. */
  readonly readers: number;
  /** From where answers were read, in order. */
  readonly cursors: readonly number[];
}

interface SiteOptions {
  /** Response headers that pages of other origins may see. @default they may not ask at all */
  exposes?: string | undefined;
}

export async function startSite({ exposes }: SiteOptions = {}): Promise<Site> {
  const script = await bundlePage();
  const answer = streambed(
    answersHandler(new MemoryStreamStore(), (question, signal) =>
      generate(question as Question, signal),
    ),
  );
  const cursors: number[] = [];
  let readers = 0;
  const server = createServer((request, response) => {
    const { url = "/" } = request;
    if (url === "/page.js") {
      return response.setHeader("content-type", "text/javascript").end(script);
    }
    if (exposes !== undefined) {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "content-type, last-event-id");
      response.setHeader("access-control-expose-headers", exposes);
    }
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (/^\/stream(\/resume\?|$)/.test(url)) {
      readers++;
      cursors.push(Number(request.headers["last-event-id"] ?? 0));
      response.once("close", () => readers--);
    }
    return answer(request, response, () => {
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><script type="module" src="/page.js"></script>`);
    });
  });
  const host = "127.0.0.1";
  const port = await freePort();
  server.listen(port, host);
  await once(server, "listening");
  return {
    host,
    port,
    url: `http://${host}:${port}`,
    cursors,
    get readers() {
      return readers;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The whole answer. */
export const textOf = (question: Question): string =>
  seqsOf(question)
    .map((seq) => chunkOf(question, seq))
    .join("");
export const seqsOf = ({ chunks }: Question): number[] =>
  Array.from({ length: chunks }, (_, index) => index + 1);
const chunkOf = ({ length = 0 }: Question, seq: number): string => `${seq} `.padEnd(length, ".");

async function* generate(question: Question, signal: AbortSignal): AsyncGenerator<string> {
  for (const seq of seqsOf(question)) {
    yield chunkOf(question, seq);
    await sleep(question.everyMs, undefined, { signal });
  }
}

async function bundlePage(): Promise<string> {
  const input = fileURLToPath(new URL("page.ts", import.meta.url));
  await using bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate({ format: "es" });
  return output[0].code;
}
