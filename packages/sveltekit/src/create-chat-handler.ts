import { createChatHandler as createHandler } from "@streambed/ai-sdk";
import type { ChatHandlerOptions } from "@streambed/ai-sdk";
import type { RequestContext } from "@streambed/core";
import { streambed } from "./streambed.ts";
import type { Handle } from "./streambed.ts";

/** `createChatHandler` of `@streambed/ai-sdk`, as a `handle` hook. @throws TypeError as that does */
export function createChatHandler(options: ChatHandlerOptions, context?: RequestContext): Handle {
  return streambed(createHandler(options), context);
}
