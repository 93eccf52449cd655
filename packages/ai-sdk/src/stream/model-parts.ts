import { stepCountIs, streamText } from "ai";
import type { LanguageModel, ModelMessage, Output, TextStreamPart, ToolSet } from "ai";
import { flawOf, isMadeUp } from "../finish.ts";
import type { Finish } from "../finish.ts";
import { lastFailure } from "../model-error.ts";
import { oneCall } from "../one-call.ts";
import { withoutWarnings } from "../without-warnings.ts";

export interface ModelCall {
  model: LanguageModel;
  system?: string | undefined;
  messages: ModelMessage[];
  tools?: ToolSet | undefined;
  /** How often the model is called, at most, while it calls tools. Without tools: once. @default 5 */
  maxSteps?: number | undefined;
  /** The form that the answer is to have. @default text */
  output?: ReturnType<typeof Output.json> | ReturnType<typeof Output.object> | undefined;
}

/**
 * What a model's answer consists of, as the AI SDK tells it. Ends only after the model said that it has
 * finished: whatever else happens, it throws. Leaving it, on whichever way, aborts the call to the model.
 */
export async function* modelParts(
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<TextStreamPart<ToolSet>, void, undefined> {
  const { maxSteps = 5, system, ...rest } = call;
  const calling = oneCall(signal);
  let finish: Finish | undefined;
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
    const { fullStream } = streamText({
      ...rest,
      // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
      ...(system === undefined ? {} : { system }),
      // A model without tools may make up a call of one.
      stopWhen: stepCountIs(call.tools === undefined ? 1 : maxSteps),
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
      yield part;
    }
    const flaw = flawOf(finish);
    if (flaw !== undefined) throw new Error(flaw);
  } catch (error) {
    throw lastFailure(error);
  } finally {
    calling.leave();
  }
}
