import type { TextStreamPart, ToolSet } from "ai";

/** The AI SDK writes warnings to the console when a step begins with some. */
export function withoutWarnings<TOOLS extends ToolSet>(): TransformStream<
  TextStreamPart<TOOLS>,
  TextStreamPart<TOOLS>
> {
  return new TransformStream({
    transform(part, controller) {
      controller.enqueue(part.type === "start-step" ? { ...part, warnings: [] } : part);
    },
  });
}
