import type { UIMessage } from "ai";
import { conversations } from "./streambed.ts";

/** How an answer ended that is not whole. */
export interface BrokenOff {
  state: "stopped" | "error";
  error?: string | undefined;
}

export type Message = UIMessage<{ brokenOff?: BrokenOff | undefined } | undefined>;

/** What is kept of a chat; of each answer that is not whole, why. */
export async function loadMessages(chatId: string): Promise<Message[]> {
  const history = await conversations.load(chatId);
  return history.nodeIds.map((nodeId): Message => {
    const { message, metadata } = history.get(nodeId)!;
    const { id, role, parts } = message;
    const { state, error } = metadata as Partial<BrokenOff>;
    const isWhole = state !== "stopped" && state !== "error";
    return { id, role, parts, metadata: isWhole ? undefined : { brokenOff: { state, error } } };
  });
}
