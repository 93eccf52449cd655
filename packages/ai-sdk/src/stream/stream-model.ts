import type { StreamEvent } from "@streambed/core";
import type { Describe } from "../model-error.ts";
import { toEvent } from "./model-events.ts";
import { modelParts } from "./model-parts.ts";
import type { ModelCall } from "./model-parts.ts";

/** A model's answer as text and events. Ends and throws as `modelParts` does. */
export async function* streamModel(
  call: ModelCall,
  signal: AbortSignal,
  describe: Describe,
): AsyncGenerator<string | StreamEvent, void, undefined> {
  for await (const part of modelParts(call, signal)) {
    const event = toEvent(part, describe);
    if (event !== undefined) yield event;
  }
}

/** The text of a model's answer, piece by piece. */
export async function* streamModelText(
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  for await (const part of modelParts(call, signal)) {
    if (part.type === "text-delta" && part.text !== "") yield part.text;
  }
}
