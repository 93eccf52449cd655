import type { IncomingMessage, ServerResponse } from "node:http";

/** The body as JSON; undefined when it is not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(String(Buffer.concat(chunks)));
  } catch {
    return undefined;
  }
}

/** Answers with JSON; where an answer has begun already, it is cut off instead. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
