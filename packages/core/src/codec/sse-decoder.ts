/** An event as a reader gets it. */
export interface DecodedSseEvent {
  /** The last `id` seen on this connection, empty if there was none. */
  lastEventId: string;
  /** Empty for an event without a name. */
  event: string;
  data: string;
}

/**
 * Takes server-sent events out of text that comes in pieces, wherever they are cut
 * (WHATWG HTML, 9.2.6). Knows the `exact` field of {@link encodeSse}.
 */
export class SseDecoder {
  #rest = "";
  #lastEventId = "";
  #event = "";
  #data: string | undefined;
  #exact: string | undefined;
  #start = true;

  /** The events that `text` completes. */
  decode(text: string): DecodedSseEvent[] {
    const events: DecodedSseEvent[] = [];
    if (this.#start && text !== "") {
      this.#start = false;
      if (text.startsWith("\ufeff")) text = text.slice(1);
    }
    const all = this.#rest + text;
    let from = 0;
    for (;;) {
      const end = lineEnd(all, from);
      if (end === undefined) break;
      const event = this.#line(all.slice(from, end.at));
      if (event) events.push(event);
      from = end.next;
    }
    this.#rest = all.slice(from);
    return events;
  }

  #line(line: string): DecodedSseEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
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

/** The next line break. A CR at the very end may be half of a CRLF: it waits for what follows. */
function lineEnd(text: string, from: number): { at: number; next: number } | undefined {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 10) return { at, next: at + 1 };
    if (unit !== 13) continue;
    if (at + 1 === text.length) return undefined;
    return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
  }
  return undefined;
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
