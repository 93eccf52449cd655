import type { LiveChat } from "./live-chat.svelte.ts";

export interface Status {
  tone: "good" | "busy" | "warn" | "bad";
  text: string;
}

/** What the page says of itself. */
export function statusOf(live: LiveChat, online: boolean): Status {
  const { messages, doubt, refusal, isAnswering, isReading } = live;
  if (!online) return { tone: "warn", text: "Offline. It reads on when the network is back." };
  if (refusal !== undefined) return { tone: "bad", text: refusal };
  if (isAnswering) return { tone: "busy", text: "Answering …" };
  if (doubt !== undefined) return { tone: "warn", text: doubt };
  if (isReading) return { tone: "busy", text: "Looking for what there is …" };
  const last = messages.at(-1);
  const end = last && live.ends[last.id];
  if (end === "stopped") return { tone: "warn", text: "Stopped. What came before is kept." };
  if (end !== undefined) return { tone: "bad", text: `Broken off, not finished: ${end}.` };
  if (last?.role === "user") return { tone: "bad", text: "There is no answer to this. Ask again." };
  return { tone: "good", text: "Ready." };
}
