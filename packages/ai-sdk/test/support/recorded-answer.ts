import type { UIMessageChunk } from "ai";
import type { Generate } from "../../src/index.ts";

/** How an answer ends that is under way. */
export type Ending = "done" | "stopped" | "error";

const times = (count: number, chunk: (index: number) => UIMessageChunk): UIMessageChunk[] =>
  Array.from({ length: count }, (_, index) => chunk(index));
const call = { toolCallId: "t1", toolName: "look" } as const;

/** Reasoning, a call with its result, and text; it breaks off in the text, and in the input of a second call. */
export const BEGINNING: UIMessageChunk[] = [
  { type: "start", messageId: "m" },
  { type: "start-step" },
  { type: "reasoning-start", id: "r" },
  ...times(8, (at) => ({ type: "reasoning-delta", id: "r", delta: `hm ${at}\n` })),
  { type: "reasoning-end", id: "r" },
  { type: "tool-input-start", ...call },
  ...times(4, (at) => ({ type: "tool-input-delta", toolCallId: "t1", inputTextDelta: `${at}` })),
  { type: "tool-input-available", ...call, input: 123 },
  { type: "tool-output-available", toolCallId: "t1", output: { found: "é" } },
  { type: "finish-step" },
  { type: "start-step" },
  { type: "text-start", id: "x" },
  ...times(9, (at) => ({ type: "text-delta", id: "x", delta: `word ${at} ` })),
  { type: "tool-input-start", toolCallId: "t2", toolName: "look" },
  { type: "tool-input-delta", toolCallId: "t2", inputTextDelta: "4" },
];

const REST: UIMessageChunk[] = [
  { type: "text-end", id: "x" },
  { type: "tool-input-available", toolCallId: "t2", toolName: "look", input: 4 },
  { type: "tool-output-available", toolCallId: "t2", output: "none" },
  { type: "finish-step" },
  { type: "finish", finishReason: "stop" },
];

/** Says {@link BEGINNING}, and ends when it is released, or stopped where it ends by that. */
export function recordedAnswer(ending: Ending): { generate: Generate; release: () => void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  async function* generate({ signal }: { signal: AbortSignal }) {
    yield* BEGINNING;
    const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await Promise.race([released, stopped]);
    if (ending === "error") throw new Error("boom");
    if (ending === "done") yield* REST;
  }
  return { generate, release };
}
