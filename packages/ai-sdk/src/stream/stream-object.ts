import type { StreamEvent } from "@streambed/core";
import { jsonSchema, Output, parsePartialJson } from "ai";
import { toEvent } from "./model-events.ts";
import { modelParts } from "./model-parts.ts";
import type { ModelCall } from "./model-parts.ts";

export const PARTIAL = "partial";
export const FINAL = "data";

/**
 * A model's answer as an object that grows: `partial` events, the whole one as `data`, then `usage`. Each
 * `partial` holds all there is so far: of a large object not every token makes one, so that together they
 * take no more than 256 times its size.
 *
 * Throws as `modelParts` does, and if the answer is no JSON. Whether it fits the schema is the provider's word.
 */
export async function* streamObject(
  call: ModelCall,
  schema: Record<string, unknown> | undefined,
  signal: AbortSignal,
): AsyncGenerator<string | StreamEvent, void, undefined> {
  const output =
    schema === undefined ? Output.json() : Output.object({ schema: jsonSchema(schema) });
  const last: StreamEvent[] = [];
  let text = "";
  let shownUnits = 0;
  let shown = "";
  for await (const part of modelParts({ ...call, output }, signal)) {
    if (part.type === "finish") last.push(toEvent(part) as StreamEvent);
    if (part.type !== "text-delta") {
      const event = part.type === "finish" ? undefined : toEvent(part);
      if (event !== undefined) yield event;
      continue;
    }
    text += part.text;
    if (text.length - shownUnits <= shownUnits / 256) continue;
    const { value } = await parsePartialJson(text);
    shownUnits = text.length;
    const json = JSON.stringify(value);
    if (value === undefined || json === shown) continue;
    shown = json;
    yield { event: PARTIAL, data: json };
  }
  yield { event: FINAL, data: JSON.stringify(parsed(text)) };
  yield* last;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("the model's answer is no JSON", { cause });
  }
}
