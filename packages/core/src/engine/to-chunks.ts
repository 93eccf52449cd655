import { toChunk } from "../codec/stream-event.ts";
import type { StreamEvent } from "../codec/stream-event.ts";
import { WellFormed } from "./well-formed.ts";

/** The stored chunks of a source, one by one: each kind of event is put right on its own. */
export class ToChunks {
  readonly #texts: Map<string, WellFormed> = new Map();

  /**
   * The chunk of one item, `undefined` if all of it has to wait for the next.
   *
   * @throws TypeError if the item is neither a string nor an event with an allowed name
   */
  next(item: string | StreamEvent): string | undefined {
    const { event, data } = typeof item === "string" ? { event: "", data: item } : item;
    if (typeof event !== "string" || typeof data !== "string") {
      throw new TypeError("a source must yield strings or { event, data } of strings");
    }
    let text = this.#texts.get(event);
    if (text === undefined) this.#texts.set(event, (text = new WellFormed()));
    const whole = text.next(data);
    return whole === "" && data !== "" ? undefined : toChunk({ event, data: whole });
  }

  /** What is left when the source has ended. */
  rest(): string[] {
    const rest: string[] = [];
    for (const [event, text] of this.#texts) {
      const data = text.rest();
      if (data !== "") rest.push(toChunk({ event, data }));
    }
    return rest;
  }
}
