import { toDescribe } from "../model-error.ts";
import { selectModel, toModelTable } from "../select-model.ts";
import type { ChatHandlerOptions, Generate } from "./chat-handler-options.ts";
import { chatModel } from "./chat-model.ts";

/** What answers a turn: the user's function, or the model that the turn names. */
export interface Generator {
  /** The model's key, where there are models. @throws HttpError 400 for one that there is not */
  choose(model: string | undefined): string | undefined;
  generate: Generate;
}

/** @throws TypeError if there is not at least one model */
export function toGenerator(options: ChatHandlerOptions): Generator {
  const { generate, system } = options;
  if (generate !== undefined) return { choose: (model) => model, generate };
  const models = toModelTable(options);
  const describe = toDescribe(options.describeError);
  return {
    choose: (model) => selectModel(models, model).key,
    generate: (turn) => chatModel(selectModel(models, turn.model).model, system, turn, describe),
  };
}
