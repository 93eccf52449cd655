import type { FinishReason } from "ai";

/** How the AI SDK says that an answer has finished. */
export interface Finish {
  finishReason: FinishReason;
  rawFinishReason: string | undefined;
}

/** Where a model's stream just ends, the AI SDK says that it finished: as "other", for no reason. */
export function isMadeUp({ finishReason, rawFinishReason }: Finish): boolean {
  return (
    finishReason === "interrupted" || (finishReason === "other" && rawFinishReason === undefined)
  );
}

/** Why an end is not a clean one. */
export function flawOf(finish: Finish | undefined): string | undefined {
  if (finish === undefined) return "the model's stream ended without finishing";
  const { finishReason, rawFinishReason: raw } = finish;
  if (finishReason === "error")
    return raw === undefined ? "the model failed" : `the model failed: ${raw}`;
  if (finishReason === "content-filter") return "the provider's content filter cut the answer off";
  return undefined;
}
