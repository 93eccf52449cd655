import type { Generate } from "@streambed/ai-sdk";
import type { UIMessageChunk } from "ai";

/** Reasoning, a tool's call with its result, a part of the app's own, and text of more than one byte a character. */
export const ANSWER: UIMessageChunk[] = [
  { type: "start", messageId: "a1" },
  { type: "start-step" },
  { type: "reasoning-start", id: "r" },
  { type: "reasoning-delta", id: "r", delta: "Häm … " },
  { type: "reasoning-delta", id: "r", delta: "\r\nyes 🤔" },
  { type: "reasoning-end", id: "r" },
  { type: "tool-input-start", toolCallId: "t", toolName: "look" },
  { type: "tool-input-delta", toolCallId: "t", inputTextDelta: '{"at":' },
  { type: "tool-input-delta", toolCallId: "t", inputTextDelta: '"sky"}' },
  { type: "tool-input-available", toolCallId: "t", toolName: "look", input: { at: "sky" } },
  { type: "tool-output-available", toolCallId: "t", output: "blue" },
  { type: "data-place", data: { x: 1 } },
  { type: "text-start", id: "x" },
  { type: "text-delta", id: "x", delta: "data: [DONE]\n\n" },
  { type: "text-delta", id: "x", delta: "Blue 🌌, " },
  { type: "text-delta", id: "x", delta: "as ever." },
  { type: "text-end", id: "x" },
  { type: "finish-step" },
  { type: "finish", finishReason: "stop" },
];

export const all: Generate = async function* () {
  yield* ANSWER;
};

/** Each answer says "a" and waits until all are let go on, or it is aborted. */
export function waiting(): { generate: Generate; release: () => void; aborted: Promise<void> } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  return {
    release,
    aborted,
    async *generate({ signal }) {
      const stopped = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => {
          abort();
          reject(signal.reason as Error);
        }),
      );
      yield { type: "start", messageId: crypto.randomUUID() };
      yield { type: "text-start", id: "x" };
      yield { type: "text-delta", id: "x", delta: "a" };
      await Promise.race([released, stopped]);
      yield { type: "text-delta", id: "x", delta: "b" };
      yield { type: "text-end", id: "x" };
      yield { type: "finish", finishReason: "stop" };
    },
  };
}
