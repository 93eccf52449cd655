/** What Upstash serves over TCP only, or as an endpoint of its own. */
const NOT_OVER_REST = new Set(
  (
    "BLPOP BRPOP BLMOVE BLMPOP BRPOPLPUSH BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF " +
    "MULTI EXEC DISCARD WATCH UNWATCH " +
    "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR " +
    "HELLO AUTH SELECT QUIT RESET CLIENT"
  ).split(" "),
);

/** A command as it comes in JSON, as text; undefined when it is not one. */
export function readCommand(json: unknown): string[] | undefined {
  return Array.isArray(json) && json.length > 0 && json.every(isArgument)
    ? json.map(String)
    : undefined;
}

/** The commands of a pipeline or transaction; undefined when one of them is not one. */
export function readCommands(json: unknown): string[][] | undefined {
  if (!Array.isArray(json)) return undefined;
  const commands = json.map(readCommand);
  return commands.includes(undefined) ? undefined : (commands as string[][]);
}

/** Why Upstash would not carry out this command over REST. */
export function whyRefused(command: readonly string[]): string | undefined {
  const name = (command[0] ?? "").toUpperCase();
  const blocks =
    /^XREAD(GROUP)?$/.test(name) && command.some((arg) => arg.toUpperCase() === "BLOCK");
  return blocks || NOT_OVER_REST.has(name)
    ? `ERR Command is not available: '${command[0]}'.`
    : undefined;
}

function isArgument(part: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof part);
}
