/**
 * What a model is to see of a conversation: the newest `most` messages, and before them whatever it was told as
 * `system`, the summary of a compacted conversation for example. It begins with a question, if one is
 * among them: providers refuse what begins with an answer.
 */
export function newestMessages<M extends { role: string }>(
  messages: readonly M[],
  most: number,
): M[] {
  const said = messages.filter(({ role }) => role !== "system").slice(-most);
  const first = said.findIndex(({ role }) => role !== "assistant");
  const told = messages.filter(({ role }) => role === "system");
  return [...told, ...said.slice(Math.max(0, first))];
}
