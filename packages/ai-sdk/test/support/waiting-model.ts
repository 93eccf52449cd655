import type { LanguageModel } from "ai";
import { finishParts, scriptedModel, textParts, untilAborted } from "./scripted-model.ts";
import type { Part, Spec } from "./scripted-model.ts";

export interface WaitingModel {
  model: LanguageModel;
  /** Lets it say "b" and finish. */
  release: () => void;
  /** When each call was aborted, if it was. */
  aborted: Promise<number>;
}

/** A model that says "a", or `first`, then nothing until it is released or aborted. */
export function waitingModel(spec: Spec, first: Part[] = textParts("a")): WaitingModel {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<number>();
  const { model } = scriptedModel(spec, async function* ({ abortSignal }) {
    const abortion = untilAborted(abortSignal);
    abortion.catch(() => abort(performance.now()));
    yield* first;
    await Promise.race([released, abortion]);
    yield* [...textParts("b").slice(2), ...finishParts()];
  });
  return { model, release, aborted };
}
