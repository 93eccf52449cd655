import { readUIMessageStream as read7 } from "ai";
import type { UIMessage, UIMessageChunk } from "ai";
import { readUIMessageStream as read6 } from "ai6";
import fc from "fast-check";

type Kind = "text" | "reasoning" | "tool";
type Op =
  | { does: "open"; kind: Kind }
  | { does: "delta" | "close" | "step"; pick: number; text: string }
  | { does: "aside"; chunk: UIMessageChunk };

const anyOp: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    does: fc.constant("open" as const),
    kind: fc.constantFrom<Kind[]>("text", "reasoning", "tool"),
  }),
  fc.record({
    does: fc.constantFrom("delta" as const, "delta" as const, "close" as const, "step" as const),
    pick: fc.nat(9),
    text: fc.string({ unit: "binary", maxLength: 3 }),
  }),
  fc.record({
    does: fc.constant("aside" as const),
    chunk: fc.constantFrom<UIMessageChunk[]>(
      { type: "data-place", id: "p", data: { at: 1 } },
      { type: "data-progress", data: 1, transient: true },
      { type: "source-url", sourceId: "s", url: "https://a.test/" },
      { type: "file", mediaType: "image/png", url: "data:image/png;base64,AAEC" },
      { type: "message-metadata", messageMetadata: { tokens: 3 } },
    ),
  }),
);

/** An answer's chunks as far as they came: parts begun, going on and ended in any order, over several steps. */
export const anyAnswer: fc.Arbitrary<UIMessageChunk[]> = fc
  .array(anyOp, { maxLength: 25 })
  .map(answerOf);

function answerOf(ops: Op[]): UIMessageChunk[] {
  const chunks: UIMessageChunk[] = [{ type: "start", messageId: "m" }, { type: "start-step" }];
  let open: { kind: Kind; id: string }[] = [];
  const close = ({ kind, id }: (typeof open)[number], hasResult: boolean): void => {
    const toolCallId = id;
    if (kind !== "tool") return void chunks.push({ type: `${kind}-end`, id });
    chunks.push({ type: "tool-input-available", toolCallId, toolName: "look", input: { at: 1 } });
    if (hasResult) chunks.push({ type: "tool-output-available", toolCallId, output: "seen" });
  };
  for (const [index, op] of ops.entries()) {
    if (op.does === "aside") {
      chunks.push(op.chunk);
    } else if (op.does === "open") {
      const part = { kind: op.kind, id: `p${index}` };
      open.push(part);
      chunks.push(
        op.kind === "tool"
          ? { type: "tool-input-start", toolCallId: part.id, toolName: "look" }
          : { type: `${op.kind}-start`, id: part.id },
      );
    } else if (op.does === "step") {
      for (const part of open) close(part, op.pick > 4);
      open = [];
      chunks.push({ type: "finish-step" }, { type: "start-step" });
    } else {
      const part = open[op.pick % open.length];
      if (part === undefined) continue;
      const { kind, id } = part;
      if (op.does === "close") {
        close(part, op.pick > 4);
        open = open.filter((other) => other !== part);
      } else if (kind === "tool") {
        chunks.push({ type: "tool-input-delta", toolCallId: id, inputTextDelta: op.text });
      } else {
        chunks.push({ type: `${kind}-delta`, id, delta: op.text });
      }
    }
  }
  return chunks;
}

/** The message that the clients of AI SDK 6 and 7 make of these chunks. @throws what they throw */
export async function readByBoth(
  chunks: readonly UIMessageChunk[],
): Promise<{ version: 6 | 7; message: UIMessage | undefined }[]> {
  return [
    { version: 6, message: await readBy(read6 as unknown as typeof read7, chunks) },
    { version: 7, message: await readBy(read7, chunks) },
  ];
}

async function readBy(
  read: typeof read7,
  chunks: readonly UIMessageChunk[],
): Promise<UIMessage | undefined> {
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let message: UIMessage | undefined;
  for await (const state of read({ stream, terminateOnError: true })) message = state;
  return message;
}

export const statesOf = (message: UIMessage | undefined): (string | undefined)[] =>
  (message?.parts ?? []).flatMap((part) => ("state" in part ? [part.state] : []));
