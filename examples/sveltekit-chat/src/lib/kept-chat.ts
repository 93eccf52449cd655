import type { UIMessage } from "@ai-sdk/svelte";

export interface KeptChat {
  messages: UIMessage[];
  /** By message: `stopped`, or why it was broken off. */
  ends: Record<string, string>;
}
