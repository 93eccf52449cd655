import { StreamError } from "../contracts/stream-error.ts";
import type { AnyMessage, OwnNode } from "./history-node.ts";
import { toRecord } from "./json.ts";

export interface AppendMessageOptions {
  /** Id of the message behind which it belongs; `null` to begin a conversation. @default the active leaf */
  parentId?: string | null | undefined;
  /** Kept beside the message: all that JSON keeps. @default {} */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** A message in its place, before anybody knows of it. @throws StreamError `INVALID_MESSAGE` */
export function toNode<M extends AnyMessage>(
  message: M,
  parentId: string | null,
  metadata: AppendMessageOptions["metadata"] = {},
): OwnNode<M> {
  const copy = toRecord(message, "a message");
  if (typeof copy.role !== "string") {
    throw new StreamError("INVALID_MESSAGE", "a message must have a role");
  }
  return {
    id: crypto.randomUUID(),
    message: copy,
    parentId,
    children: [],
    metadata: toRecord(metadata, "metadata"),
    createdAt: new Date().toISOString(),
  };
}
