import type { LanguageModel } from "ai";
import { HttpError } from "./http.ts";

/** The one model of a handler that has been given no `models`. */
const SINGLE = "default";

/** Models by their keys; the first is the default. */
export type ModelTable = ReadonlyMap<string, LanguageModel>;

/** @throws TypeError if there is not at least one model */
export function toModelTable(options: {
  model?: LanguageModel | undefined;
  models?: Record<string, LanguageModel> | undefined;
}): ModelTable {
  const { model, models } = options;
  if ((model === undefined) === (models === undefined)) {
    throw new TypeError("a handler needs either `models` or `model`");
  }
  const table = new Map(model === undefined ? Object.entries(models ?? {}) : [[SINGLE, model]]);
  if (table.size === 0) throw new TypeError("`models` must have at least one model");
  return table;
}

/** The model that a request names, or the default. @throws HttpError 400 */
export function selectModel(
  models: ModelTable,
  key: string = models.keys().next().value ?? SINGLE,
): { key: string; model: LanguageModel } {
  const model = models.get(key);
  if (model === undefined) {
    throw new HttpError(400, `unknown model ${JSON.stringify(key.slice(0, 64))}`);
  }
  return { key, model };
}
