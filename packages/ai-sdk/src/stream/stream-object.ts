import type { StreamEvent } from "@streambed/core";
import { jsonSchema, Output, parsePartialJson } from "ai";
import type { Describe } from "../model-error.ts";
import { toEvent } from "./model-events.ts";
import { modelParts } from "./model-parts.ts";
import type { ModelCall } from "./model-parts.ts";

export const PARTIAL = "partial";
export const FINAL = "data";

/** By how much of its size an object must have grown to be shown again: together they are 64 times that at most. */
const GROWTH = 1 / 64;

/**
 * A model's answer as an object that grows: `partial` events, each with all there is so far, the whole one as
 * `data`, as the model wrote it, then `usage`.
 *
 * Throws as `modelParts` does, and if the answer is no JSON. Whether it fits the schema is the provider's word.
 */
export async function* streamObject(
  call: ModelCall,
  schema: Record<string, unknown> | undefined,
  signal: AbortSignal,
  describe: Describe,
): AsyncGenerator<string | StreamEvent, void, undefined> {
  const last: (string | StreamEvent)[] = [];
  let reason: string | undefined;
  let text = "";
  let seen = 0;
  let shown = "";
  for await (const part of modelParts({ ...call, output: outputOf(schema) }, signal)) {
    if (part.type === "finish") reason = part.finishReason;
    if (part.type !== "text-delta") {
      const event = toEvent(part, describe);
      if (part.type === "finish" && event !== undefined) last.push(event);
      else if (event !== undefined) yield event;
      continue;
    }
    text += part.text;
    if (text.length - seen <= seen * GROWTH) continue;
    seen = text.length;
    const { value } = await parsePartialJson(withoutFence(text));
    const json = JSON.stringify(value);
    if (value === undefined || json === shown) continue;
    shown = json;
    yield { event: PARTIAL, data: json };
  }
  const whole = withoutFence(text).trim();
  const flaw = flawOf(whole);
  if (flaw === undefined) yield { event: FINAL, data: whole };
  yield* last;
  if (flaw === undefined) return;
  const why = reason === "length" ? "it reached its token limit" : flaw;
  throw new Error(`the model's answer is no JSON: ${why}`);
}

function outputOf(schema: Record<string, unknown> | undefined): ModelCall["output"] {
  const output =
    schema === undefined ? Output.json() : Output.object({ schema: jsonSchema(schema) });
  // The AI SDK would parse all there is at every token, and keep each result: of a large object, gigabytes. It
  // passes the text on when this has changed.
  const parsePartialOutput = async ({ text }: { text: string }) => ({
    partial: String(text.length),
  });
  return { ...output, parsePartialOutput };
}

/** Models that are told to answer in JSON like to put it into a fence of Markdown. */
function withoutFence(text: string): string {
  return text.replace(/^\s*```\w*\s/, "").replace(/\s```\s*$/, "");
}

function flawOf(json: string): string | undefined {
  try {
    JSON.parse(json);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
