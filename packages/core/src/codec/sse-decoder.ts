import { LINE_BREAK } from "./line-break.ts";

/** An event as a reader gets it. */
export interface DecodedSseEvent {
  /** The last `id` seen on this connection, empty if there was none. */
  lastEventId: string;
  /** Empty for an event without a name. */
  event: string;
  data: string;
}

/** A name, and what is behind a colon and at most one space. Neither need be there. */
const FIELD = /^([^:]*):? ?(.*)$/s;

/**
 * Takes server-sent events out of text that comes in pieces, wherever they are cut
 * (WHATWG HTML, 9.2.6). Knows the `exact` field of {@link encodeSse}.
 */
export class SseDecoder {
  /** The line that is not yet at its end. */
  #rest = "";
  /** What is passed over if it comes next: a byte order mark at first, then the LF of a CRLF cut in two. */
  #passOver = "\ufeff";
  #lastEventId = "";
  #event = "";
  #data: string | undefined;
  #exact: string | undefined;

  /** The events that `text` completes. */
  decode(text: string): DecodedSseEvent[] {
    const events: DecodedSseEvent[] = [];
    if (text === "") return events;
    const fresh = text[0] === this.#passOver ? text.slice(1) : text;
    this.#passOver = text.endsWith("\r") ? "\n" : "";
    let from = 0;
    // Only in what is new: a long line that comes in many pieces is not searched again with each.
    for (const { index, 0: lineBreak } of fresh.matchAll(LINE_BREAK)) {
      const event = this.#line(this.#rest + fresh.slice(from, index));
      if (event) events.push(event);
      this.#rest = "";
      from = index + lineBreak.length;
    }
    this.#rest += fresh.slice(from);
    return events;
  }

  #line(line: string): DecodedSseEvent | undefined {
    if (line === "") return this.#dispatch();
    const [, field, value = ""] = FIELD.exec(line)!;
    if (field === "data") this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === "event") this.#event = value;
    else if (field === "exact") this.#exact = value;
    else if (field === "id" && !value.includes("\0")) this.#lastEventId = value;
    return undefined;
  }

  #dispatch(): DecodedSseEvent | undefined {
    const event = this.#event;
    const data = this.#data;
    const exact = this.#exact;
    this.#event = "";
    this.#data = this.#exact = undefined;
    if (data === undefined) return undefined;
    return { lastEventId: this.#lastEventId, event, data: exactData(exact) ?? data };
  }
}

function exactData(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
