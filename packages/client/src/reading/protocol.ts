import type { DecodedSseEvent } from "@streambed/core/codec";
import type { StreamEnd } from "../reader-state.ts";
import type { StreamClientError } from "../stream-client-error.ts";

/** What an event brings: items that the reader may have now, and the stored end. */
export interface Step<Item> {
  items?: readonly Item[];
  end?: StreamEnd["state"] | StreamClientError;
}

/** What the events of one stream mean, through as many connections as it takes to read them all. */
export interface Protocol<Item> {
  /** Asks for what is behind the last item. @throws StreamClientError if asking again is of no use */
  connect(signal: AbortSignal): Promise<Response>;
  /** @throws StreamClientError if reading on is of no use; whatever else it throws breaks the connection */
  take(event: DecodedSseEvent): Step<Item> | Promise<Step<Item>>;
  /** The connection is over without an end. Returns why, if it has been told. @throws StreamClientError as `take` does */
  cut(): string | undefined;
}
