import type { Message } from "../message.ts";
import { conversations } from "./streambed.ts";

/** What is kept of a chat, and of each answer that is not whole, what became of it. */
export async function loadChat(id: string): Promise<Message[]> {
  const history = await conversations.load(id);
  return history.nodeIds.map((nodeId) => {
    const { message, metadata } = history.get(nodeId)!;
    const { id: messageId, role, parts } = message;
    const { state, error } = metadata;
    const isWhole = role !== "assistant" || state === "done";
    // `@ai-sdk/svelte` brings an `ai` of its own, whose types are a little older.
    const kept = { id: messageId, role, parts } as Message;
    return isWhole ? kept : { ...kept, metadata: { end: String(error ?? state) } };
  });
}
