import { once } from "node:events";
import { request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { SseDecoder } from "@streambed/core/codec";

/** One event, as it came over the wire. */
export interface ReceivedEvent {
  /** Its bytes, one character each. */
  raw: string;
  /** From its own `id` line; undefined without one. */
  id: string | undefined;
  /** Empty for text. */
  event: string;
  data: string;
  /** When it came, by `performance.now()`. */
  at: number;
}

export interface SseRequest {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  /** Destroys the socket as soon as so many chunks have come; with 0, at the event before the first. */
  cutAfter?: number | undefined;
}

/** Sends a request on a socket of its own, and resolves once a stream begins to come. */
export async function openSse(url: string, options: SseRequest = {}): Promise<SseReader> {
  const { method = "GET", headers = {}, body } = options;
  const sent = request(url, { method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  sent.on("error", () => {});
  if (response.statusCode !== 200) {
    throw new Error(`${method} ${url}: ${response.statusCode} ${await textOf(response)}`);
  }
  return new SseReader(sent, response, options.cutAfter);
}

/** What a reader has received so far. */
export class SseReader {
  /** The stream's id. */
  readonly id: string;
  readonly events: ReceivedEvent[] = [];
  /** Settles when the connection is over: whether the response came to its end. */
  readonly closed: Promise<"complete" | "cut">;
  readonly #request: ClientRequest;
  readonly #cutAfter: number | undefined;
  readonly #onChange: Set<() => void> = new Set();
  #rest = Buffer.alloc(0);
  #isOver = false;

  constructor(sent: ClientRequest, response: IncomingMessage, cutAfter: number | undefined) {
    this.#request = sent;
    this.#cutAfter = cutAfter;
    this.id = String(response.headers["x-stream-id"]);
    response.on("data", (bytes: Buffer) => this.#take(bytes));
    response.on("error", () => {});
    this.closed = new Promise((resolve) => {
      response.once("close", () => {
        this.#isOver = true;
        this.#changed();
        const isComplete = response.complete && this.#rest.length === 0;
        resolve(isComplete && !sent.destroyed ? "complete" : "cut");
      });
    });
  }

  /** Those with an id. */
  get chunks(): ReceivedEvent[] {
    return this.events.filter(({ id }) => id !== undefined);
  }

  /** Resolves to the first event that matches, also one that has come already. */
  async until(matches: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent> {
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      if (this.#isOver)
        throw new Error(`it never came:\n${this.events.map((e) => e.raw).join("")}`);
      await new Promise<void>((resolve) => this.#onChange.add(resolve));
    }
  }

  /** Destroys the socket. */
  async cut(): Promise<void> {
    this.#request.destroy();
    await this.closed;
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let end = this.#rest.indexOf("\n\n"); end >= 0; end = this.#rest.indexOf("\n\n")) {
      if (this.#request.destroyed) return;
      this.#takeEvent(this.#rest.subarray(0, end + 2));
      this.#rest = this.#rest.subarray(end + 2);
    }
  }

  #takeEvent(bytes: Buffer): void {
    const [decoded] = new SseDecoder().decode(bytes.toString("utf8"));
    if (decoded === undefined) return;
    const { lastEventId, event, data } = decoded;
    const id = lastEventId === "" ? undefined : lastEventId;
    this.events.push({ raw: bytes.toString("latin1"), id, event, data, at: performance.now() });
    if (this.chunks.length === this.#cutAfter) this.#request.destroy();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#onChange) listener();
    this.#onChange.clear();
  }
}
