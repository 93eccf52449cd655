import { createStreamHandler as createHandler } from "@streambed/ai-sdk";
import type { StreamHandlerOptions } from "@streambed/ai-sdk";
import type { RequestContext } from "@streambed/core";
import { streambed } from "./streambed.ts";
import type { Handle } from "./streambed.ts";

/** `createStreamHandler` of `@streambed/ai-sdk`, as a `handle` hook. @throws TypeError as that does */
export function createStreamHandler(
  options: StreamHandlerOptions,
  context?: RequestContext,
): Handle {
  return streambed(createHandler(options), context);
}
