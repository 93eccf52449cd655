import type { UIMessage } from "@ai-sdk/svelte";

/** Of an answer that is not whole: `stopped`, or why it was broken off. */
export type Message = UIMessage<{ end?: string } | undefined>;
