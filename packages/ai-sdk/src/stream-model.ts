import type { StreamEvent } from "@streambed/core";
import { streamText } from "ai";
import type { LanguageModel } from "ai";
import { flawOf, isMadeUp } from "./finish.ts";
import type { Finish } from "./finish.ts";
import { lastFailure } from "./model-error.ts";
import { toEvent } from "./model-events.ts";
import { withoutWarnings } from "./without-warnings.ts";

export interface ModelCall {
  model: LanguageModel;
  prompt: string;
  system?: string | undefined;
}

/**
 * A model's answer as text and events. Ends only after the model said that it has finished: whatever
 * else happens, it throws. Leaving it, on whichever way, aborts the call to the model.
 */
export async function* streamModel(
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<string | StreamEvent, void, undefined> {
  const calling = new AbortController();
  const abort = (): void => calling.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  let finish: Finish | undefined;
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
    const { fullStream } = streamText({
      ...call,
      abortSignal: calling.signal,
      // By default it writes to the console; here each error is thrown below.
      onError: () => {},
      experimental_transform: withoutWarnings,
    });
    for await (const part of fullStream) {
      if (part.type === "error") throw part.error;
      if (part.type === "abort") throw new Error("the call to the model was aborted");
      if (part.type === "finish") {
        if (isMadeUp(part)) break;
        finish = part;
      }
      const event = toEvent(part);
      if (event !== undefined) yield event;
    }
    const flaw = flawOf(finish);
    if (flaw !== undefined) throw new Error(flaw);
  } catch (error) {
    throw lastFailure(error);
  } finally {
    signal.removeEventListener("abort", abort);
    calling.abort();
  }
}
