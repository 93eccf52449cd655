import { convertToModelMessages, streamText } from "ai";
import type { LanguageModel, TextStreamPart, ToolSet, UIMessageChunk } from "ai";
import { flawOf, isMadeUp } from "../finish.ts";
import { lastFailure } from "../model-error.ts";
import type { Describe } from "../model-error.ts";
import { oneCall } from "../one-call.ts";
import { withoutWarnings } from "../without-warnings.ts";
import type { ChatTurn } from "./chat-handler-options.ts";
import { OpenParts } from "./open-parts.ts";

/**
 * A model's answer to a turn, as chunks of a UI message. Ends only after the model said that it has
 * finished: whatever else happens, it throws. Leaving it aborts the call to the model.
 */
export async function* chatModel(
  model: LanguageModel,
  system: string | undefined,
  turn: Pick<ChatTurn, "messages" | "signal">,
  describe: Describe,
): AsyncGenerator<UIMessageChunk, void, undefined> {
  const calling = oneCall(turn.signal);
  const failures = new Map<string, unknown>();
  const open = new OpenParts();
  try {
    const result = streamText({
      model,
      // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
      ...(system === undefined ? {} : { system }),
      // The page may send any message. AI SDK 6 would let these pass, with a warning on the console.
      allowSystemInMessages: false,
      messages: await convertToModelMessages(turn.messages, { ignoreIncompleteToolCalls: true }),
      abortSignal: calling.signal,
      // By default it writes to the console; here each error is thrown below.
      onError: () => {},
      experimental_transform: [withoutWarnings, withoutFlawedFinish],
    });
    // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 has no other name for it
    const chunks = result.toUIMessageStream({
      sendSources: true,
      // For bad calls of tools too, which are no failure. AI SDK 6 asks again about its own chunk.
      onError(error) {
        const text = describe(error);
        if (!failures.has(text)) failures.set(text, error);
        return text;
      },
    });
    for await (const chunk of chunks) {
      if (chunk.type === "error") {
        // oxlint-disable-next-line typescript/only-throw-error -- as the provider threw it
        throw failures.get(chunk.errorText) ?? new Error(chunk.errorText);
      }
      if (chunk.type === "abort") throw new Error("the call to the model was aborted");
      // A model that breaks off does not end its text, and after the step AI SDK 6's clients cannot.
      if (chunk.type === "finish-step") yield* open.closeTexts();
      open.note(chunk);
      yield chunk;
    }
  } catch (error) {
    throw lastFailure(error);
  } finally {
    calling.leave();
  }
}

/** Makes an error of an end that is none: a UI message's `finish` does not tell why it came. */
function withoutFlawedFinish<TOOLS extends ToolSet>(): TransformStream<
  TextStreamPart<TOOLS>,
  TextStreamPart<TOOLS>
> {
  return new TransformStream({
    transform(part, controller) {
      const flaw = part.type === "finish" ? flawOf(isMadeUp(part) ? undefined : part) : undefined;
      controller.enqueue(flaw === undefined ? part : { type: "error", error: new Error(flaw) });
    },
  });
}
