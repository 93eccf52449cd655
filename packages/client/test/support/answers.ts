import type { RawServer, Script } from "./raw-server.ts";
import type { StreamEnd, StreamedEvent } from "../../src/index.ts";
import { StreamClientError } from "../../src/index.ts";

export const EVENT_STREAM = "content-type: text/event-stream; charset=utf-8";

/** The head of a response whose body goes on until the connection closes. */
export function head(status = "200 OK", ...headers: string[]): string {
  return [`HTTP/1.1 ${status}`, "connection: close", ...headers, "\r\n"].join("\r\n");
}

/** A whole response, and the end of the connection. */
export const respond =
  (status: string, body: string | Buffer = "", ...headers: string[]): Script =>
  (socket) => {
    socket.write(head(status, ...headers));
    socket.end(body);
  };

/** An event stream of just these bytes, and the end of the connection. */
export const stream = (...body: (string | Buffer)[]): Script =>
  respond("200 OK", Buffer.concat(body.map((part) => Buffer.from(part))), EVENT_STREAM);

/** An event stream that begins like that, and stays open. */
export const openStream =
  (...body: string[]): Script =>
  (socket) =>
    void socket.write(head("200 OK", EVENT_STREAM) + body.join(""));

export const event = (seq: number | string, data: string): string =>
  `id: ${seq}\ndata: ${data}\n\n`;
export const DONE = "event: done\ndata: \n\n";

/** What came of reading. */
export interface Outcome {
  events: StreamedEvent[];
  text: string;
  seqs: number[];
  end?: StreamEnd["state"];
  error?: unknown;
  code?: string;
}

/** Reads all there is, whatever the end. */
export async function outcomeOf(
  reader: AsyncGenerator<StreamedEvent, StreamEnd, undefined>,
): Promise<Outcome> {
  const outcome: Outcome = { events: [], text: "", seqs: [] };
  try {
    for (;;) {
      const step = await reader.next();
      if (step.done === true) return { ...outcome, end: step.value.state };
      outcome.events.push(step.value);
      outcome.text += step.value.data;
      outcome.seqs.push(step.value.seq);
    }
  } catch (error) {
    const code = StreamClientError.is(error) ? { code: error.code } : {};
    return { ...outcome, error, ...code };
  }
}

/** The cursors that a server was asked for, "" for none. */
export function cursorsAt({ requests }: RawServer): string[] {
  return requests.map(({ headers }) => headers["last-event-id"] ?? "");
}
