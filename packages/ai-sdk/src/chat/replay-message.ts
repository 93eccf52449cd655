import { getToolName, isToolUIPart } from "ai";
import type { UIMessage, UIMessageChunk } from "ai";

type MessagePart = UIMessage["parts"][number];
type ToolPart = Extract<MessagePart, { toolCallId: string }>;

/** The chunks from which AI SDK's clients build this message. */
export function replayMessage({ id, metadata, parts }: UIMessage): UIMessageChunk[] {
  const start: UIMessageChunk = { type: "start", messageId: id };
  return [
    metadata === undefined ? start : { ...start, messageMetadata: metadata },
    ...parts.flatMap((part, index) => replayPart(part, `replayed-${index}`)),
  ];
}

function replayPart(part: MessagePart, id: string): UIMessageChunk[] {
  switch (part.type) {
    case "step-start":
      return [{ type: "start-step" }];
    case "text":
      return replayText(part, { id, ...metadataOf(part.providerMetadata) });
    case "reasoning":
      return replayReasoning(part, { id: part.id ?? id, ...metadataOf(part.providerMetadata) });
    case "file":
    case "reasoning-file": {
      const { type, mediaType, url } = part;
      return [{ type, mediaType, url, ...metadataOf(part.providerMetadata) }];
    }
    case "source-url":
    case "source-document":
    case "custom":
    case "steering-message":
      return [part];
    default:
      if (isToolUIPart(part)) return replayTool(part);
      // Of its own kind (`data-…`), and as it is its own chunk.
      return part.type.startsWith("data-") ? [part] : [];
  }
}

function replayText(
  { text, citations }: Extract<MessagePart, { type: "text" }>,
  common: { id: string },
): UIMessageChunk[] {
  return [
    { type: "text-start", ...common },
    { type: "text-delta", ...common, delta: text },
    { type: "text-end", ...common, ...(citations === undefined ? {} : { citations }) },
  ];
}

function replayReasoning(
  { text }: Extract<MessagePart, { type: "reasoning" }>,
  common: { id: string },
): UIMessageChunk[] {
  return [
    { type: "reasoning-start", ...common },
    { type: "reasoning-delta", ...common, delta: text },
    { type: "reasoning-end", ...common },
  ];
}

function replayTool(part: ToolPart): UIMessageChunk[] {
  const { toolCallId, providerExecuted, title, toolMetadata } = part;
  const call = {
    toolCallId,
    toolName: getToolName(part),
    ...(part.type === "dynamic-tool" ? { dynamic: true } : {}),
    ...(providerExecuted === undefined ? {} : { providerExecuted }),
    ...(title === undefined ? {} : { title }),
    ...(toolMetadata === undefined ? {} : { toolMetadata }),
    ...metadataOf(part.callProviderMetadata),
  };
  if (part.state === "input-available") {
    return [{ type: "tool-input-available", ...call, input: part.input }];
  }
  if (part.state === "output-error") {
    const { errorText } = part;
    // oxlint-disable-next-line typescript/no-deprecated -- AI SDK 6 keeps it there
    const input = part.input ?? ("rawInput" in part ? part.rawInput : undefined);
    const result = metadataOf(part.resultProviderMetadata ?? part.callProviderMetadata);
    return [{ type: "tool-input-error", ...call, ...result, input, errorText }];
  }
  // Not as `tool-input-available`: clients would take that for a call to be made, and make it again.
  const text = JSON.stringify(part.input);
  const chunks: UIMessageChunk[] = [{ type: "tool-input-start", ...call }];
  if (text !== undefined) {
    chunks.push({ type: "tool-input-delta", toolCallId, inputTextDelta: text });
  }
  if (part.approval !== undefined) {
    const { id: approvalId, signature } = part.approval;
    const signed = signature === undefined ? {} : { signature };
    chunks.push({ type: "tool-approval-request", approvalId, toolCallId, ...signed });
  }
  if (part.state === "output-denied") chunks.push({ type: "tool-output-denied", toolCallId });
  if (part.state === "output-available") {
    const { output, preliminary } = part;
    chunks.push({
      type: "tool-output-available",
      toolCallId,
      output,
      ...(preliminary === undefined ? {} : { preliminary }),
      ...metadataOf(part.resultProviderMetadata),
    });
  }
  return chunks;
}

function metadataOf<T>(providerMetadata: T | undefined): { providerMetadata?: T } {
  return providerMetadata === undefined ? {} : { providerMetadata };
}
