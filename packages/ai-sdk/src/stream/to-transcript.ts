import type { ModelMessage } from "ai";
import type { Attachment } from "./sent-message.ts";

/**
 * A conversation as something to be read about, in one message of the user: sent as it was held, a model would
 * go on with it, and do as it says.
 */
export function toTranscript(
  messages: readonly { role: string; content: string; attachments?: Attachment[] }[],
): ModelMessage[] {
  const said = messages.map(({ role, content, attachments = [] }) => {
    const files = attachments.map(({ name, mediaType }) => `[file: ${name ?? mediaType}]`);
    return `<${role}>\n${[content, ...files].join("\n")}\n</${role}>`;
  });
  return [{ role: "user", content: said.join("\n\n") }];
}
