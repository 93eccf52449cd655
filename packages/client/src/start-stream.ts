import { HEADER_STREAM_ID } from "@streambed/core/codec";
import { StreamClientError } from "./stream-client-error.ts";
import { abortWith } from "./reading/abort-with.ts";
import { askFor } from "./reading/ask.ts";
import { checkStream } from "./reading/check-response.ts";
import { follow } from "./reading/follow.ts";
import type { ReadingOptions, RequestHeaders } from "./reading/reading-options.ts";
import { streamProtocol } from "./reading/stream-protocol.ts";
import type { StreamedEvent } from "./reading/stream-protocol.ts";
import type { StreamEnd } from "./reader-state.ts";
import { orAbort } from "./or-abort.ts";
import { postJson } from "./post-json.ts";
import { resumeUrl } from "./resume-url.ts";

export interface StartStreamOptions extends ReadingOptions {
  /** Where answers are begun; `/resume` below it reads on. Without a query. */
  url: string | URL;
  /** Sent as JSON. */
  body: unknown;
  headers?: RequestHeaders | undefined;
}

/** An answer that has begun. Read it like what `readStream` returns, or leave it with `return()`. */
export interface StartedStream extends AsyncGenerator<StreamedEvent, StreamEnd, undefined> {
  /** Whoever has it, and may, can read and stop the answer. */
  readonly id: string;
}

/**
 * Begins an answer, and resolves when the server has named it. The question is sent once: if that fails it may
 * have arrived or not, and whether to send it again is for people to decide.
 *
 * @throws StreamClientError `UNAVAILABLE` if the server cannot be reached, another code if it refuses; the
 *   signal's reason
 */
export async function startStream(options: StartStreamOptions): Promise<StartedStream> {
  const { url, body, headers, signal, fetch, onState, silenceMs = 45_000 } = options;
  const life = new AbortController();
  const posting = new AbortController();
  abortWith(life, signal);
  abortWith(posting, life.signal);
  const timer = setTimeout(() => posting.abort(new Error("silence")), silenceMs);
  onState?.({ phase: "connecting" });

  try {
    const sent = { url, body, headers, fetch, signal: posting.signal };
    const posted = postJson(sent).then((response) => checkStream(response, false));
    let first: Response | undefined = await orAbort(posted, posting.signal);
    const id = first.headers.get(HEADER_STREAM_ID);
    if (id === null) {
      throw new StreamClientError(
        "PROTOCOL",
        `the server does not name the stream: if it is on another origin, it must expose ${HEADER_STREAM_ID}`,
      );
    }
    const ask = askFor({ url: resumeUrl(url, id), headers, fetch });
    const protocol = streamProtocol(async (cursor, cut) => {
      if (first === undefined) return ask(cursor, cut);
      abortWith(posting, cut);
      const response = first;
      first = undefined;
      return response;
    }, 0);
    return Object.assign(follow(protocol, { ...options, signal: undefined }, life), { id });
  } catch (cause) {
    life.abort();
    if (signal?.aborted) throw signal.reason;
    const error = StreamClientError.is(cause)
      ? cause
      : new StreamClientError("UNAVAILABLE", `the answer could not be begun: ${String(cause)}`, {
          cause,
        });
    onState?.({ phase: "ended", end: "error", error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
