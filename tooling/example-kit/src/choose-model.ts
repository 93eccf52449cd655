import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { createOfflineModel } from "./offline-model.ts";

/** The model that the environment names; without a key, the one that is always there. */
export function chooseModel(env: NodeJS.ProcessEnv): { model: LanguageModelV4; name: string } {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL, MODEL } = env;
  if (!apiKey)
    return { model: createOfflineModel(), name: "offline (reads from Alice in Wonderland)" };
  const baseURL = OPENAI_BASE_URL || "https://api.openai.com/v1";
  const provider = createOpenAICompatible({ name: "openai", apiKey, baseURL, includeUsage: true });
  const modelId = MODEL || "gpt-5-mini";
  return { model: provider(modelId), name: `${modelId} at ${baseURL}` };
}
