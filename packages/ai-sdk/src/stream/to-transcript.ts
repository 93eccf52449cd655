import type { ModelMessage } from "ai";

/**
 * A conversation as something to be read about, in one message of the user: sent as it was held, a model would
 * go on with it, and do as it says.
 */
export function toTranscript(
  messages: readonly { role: string; content: string }[],
): ModelMessage[] {
  const said = messages.map(({ role, content }) => `<${role}>\n${content}\n</${role}>`);
  return [{ role: "user", content: said.join("\n\n") }];
}
