import { createServer } from "node:http";
import { MemoryStreamStore } from "@streambed/memory";
import { streambed } from "@streambed/node";
import { answersHandler } from "./answers-handler.ts";
import type { Answer } from "./answers-handler.ts";
import { listen } from "./listen.ts";

export interface AnswerServer extends AsyncDisposable {
  /** Where answers are begun; `/resume` and `/stop` below it. */
  url: string;
  origin: string;
  /** `METHOD /path?query` of each request. */
  requests: string[];
}

interface AnswerServerOptions {
  answer: Answer;
  /** Pages, by their path. */
  pages?: Record<string, string> | undefined;
}

/** A server that answers with streams of Streambed, and serves pages that read them. */
export async function answerServer({
  answer,
  pages = {},
}: AnswerServerOptions): Promise<AnswerServer> {
  const requests: string[] = [];
  const answers = streambed(answersHandler(new MemoryStreamStore(), answer));
  const server = createServer((request, response) => {
    const { method, url = "/" } = request;
    requests.push(`${method} ${url}`);
    answers(request, response, () => {
      const page = pages[url];
      if (page === undefined) return response.writeHead(404).end();
      const type = url.endsWith(".js") ? "text/javascript" : "text/html";
      return response.setHeader("content-type", type).end(page);
    });
  });
  const listening = await listen(server);
  return { ...listening, url: `${listening.origin}/stream`, requests };
}
