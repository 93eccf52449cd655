import { askFor } from "./reading/ask.ts";
import type { ReadTarget } from "./reading/ask.ts";
import { follow } from "./reading/follow.ts";
import type { ReadingOptions } from "./reading/reading-options.ts";
import { streamProtocol } from "./reading/stream-protocol.ts";
import type { StreamedEvent } from "./reading/stream-protocol.ts";
import type { StreamEnd } from "./reader-state.ts";

export type ReadStreamOptions = ReadTarget &
  ReadingOptions & {
    /** The seq after which to read. @default 0, from the beginning */
    after?: number | undefined;
  };

/**
 * Reads a stream of Streambed: each event once, in order, from wherever connections broke, to the stored end,
 * which it returns. A connection that merely closes is none.
 *
 * Nothing is requested before the first event is asked for. Leaving the loop closes the connection; the answer
 * goes on.
 *
 * @throws StreamClientError `FAILED` if the answer ended with an error, another code if there is no use in
 *   trying again, `REFUSED` for an `after` that is no seq; the signal's reason
 */
export function readStream(
  options: ReadStreamOptions,
): AsyncGenerator<StreamedEvent, StreamEnd, undefined> {
  return follow(streamProtocol(askFor(options), options.after ?? 0), options);
}
