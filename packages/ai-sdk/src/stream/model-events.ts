import type { StreamEvent } from "@streambed/core";
import type { LanguageModelUsage, TextStreamPart, ToolSet } from "ai";
import type { Describe } from "../model-error.ts";

type Part = TextStreamPart<ToolSet>;

/** A part of the AI SDK's `fullStream` as something to store; `undefined` if there is nothing in it. */
export function toEvent(part: Part, describe: Describe): string | StreamEvent | undefined {
  switch (part.type) {
    case "text-delta":
      return part.text === "" ? undefined : part.text;
    case "reasoning-delta":
      return part.text === "" ? undefined : { event: "reasoning", data: part.text };
    case "tool-call":
      return json("tool_call", { id: part.toolCallId, name: part.toolName, args: part.input });
    case "tool-result":
      return json("tool_result", {
        id: part.toolCallId,
        name: part.toolName,
        result: part.output,
        preliminary: part.preliminary,
      });
    case "tool-error":
      return json("tool_error", {
        id: part.toolCallId,
        name: part.toolName,
        error: describe(part.error),
      });
    case "source": {
      const { type: _, providerMetadata: __, ...source } = part;
      return json("source", source);
    }
    case "file":
      return json("file", { mediaType: part.file.mediaType, base64: part.file.base64 });
    case "reasoning-file":
      return json("reasoning_file", { mediaType: part.file.mediaType, base64: part.file.base64 });
    case "finish":
      return json("usage", { ...usageOf(part.totalUsage), finishReason: part.finishReason });
    default:
      return undefined;
  }
}

/** What the provider has counted; a number that it does not know is left out. */
function usageOf(usage: LanguageModelUsage): Record<string, number | undefined> {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.outputTokenDetails?.reasoningTokens,
    cachedInputTokens: usage.inputTokenDetails?.cacheReadTokens,
  };
}

function json(event: string, value: object): StreamEvent {
  return { event, data: JSON.stringify(value) };
}
