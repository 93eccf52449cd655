import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { toStream } from "./to-stream.ts";

type Model = Parameters<typeof wrapLanguageModel>[0]["model"];

/** Prints when the model starts an answer, and how that ended. */
export function logAnswers(model: Model): Model {
  let answers = 0;
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      async wrapStream({ doStream, params }) {
        const log = (text: string): void => console.log(`answer ${number}: ${text}`);
        const number = ++answers;
        log("started");
        const { stream, ...rest } = await doStream().then(undefined, (error: unknown) => {
          log(`failed (${String(error)})`);
          throw error;
        });
        return { ...rest, stream: toStream(logged(stream, log, params.abortSignal)) };
      },
    },
  });
}

async function* logged(
  parts: ReadableStream<LanguageModelV4StreamPart>,
  log: (text: string) => void,
  signal?: AbortSignal,
): AsyncGenerator<LanguageModelV4StreamPart> {
  let pieces = 0;
  let end = "left unfinished";
  try {
    for await (const part of parts) {
      if (part.type === "text-delta") pieces++;
      if (part.type === "error") end = `failed (${String(part.error)})`;
      if (part.type === "finish") end = "finished";
      yield part;
    }
  } catch (error) {
    end = `failed (${String(error)})`;
    throw error;
  } finally {
    if (end !== "finished" && signal?.aborted) end = "model aborted";
    log(`${end}, ${pieces} pieces of text`);
  }
}
