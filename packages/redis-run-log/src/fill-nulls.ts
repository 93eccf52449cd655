/**
 * Puts `run_id` and `seq_id` into the messages of an entry that have them as `null`: those of the message
 * itself, not of what is nested in it or quoted. Everything else stays as it was written, digit by digit.
 */
export function fillNulls(data: string, { runId, seq }: { runId: string; seq: number }): string {
  if (!/"(?:run|seq)_id"\s*:\s*null/.test(data)) return data;
  const values: Record<string, string> = { run_id: JSON.stringify(runId), seq_id: String(seq) };
  // Not `^` with the flag m: that is true behind U+2028 too, where no line of SSE begins.
  return data.replace(/((?:^|[\r\n])data: ?)([^\r\n]*)/g, (line, field: string, json: string) =>
    isObject(json) ? field + fillMembers(json, values) : line,
  );
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What opens and closes, and what is between a name and its value; of a string, its beginning. */
const TOKEN = /["{}[\]:]|null/g;

/** @param json of an object, well-formed */
function fillMembers(json: string, values: Record<string, string>): string {
  const tokens = new RegExp(TOKEN);
  let depth = 0;
  let text = "";
  let name: string | undefined;
  let filled = "";
  let from = 0;
  for (let found; (found = tokens.exec(json)) !== null;) {
    const { index, 0: token } = found;
    if (token === '"') {
      tokens.lastIndex = endOfString(json, index);
      text = json.slice(index, tokens.lastIndex);
    } else if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && token === ":") name = JSON.parse(text) as string;
    else if (depth === 1 && token === "null" && name !== undefined && Object.hasOwn(values, name)) {
      filled += json.slice(from, index) + values[name]!;
      from = index + token.length;
    }
  }
  return filled + json.slice(from);
}

/** Not by an expression for a whole string: of many megabytes, those take more stack than there is. */
function endOfString(json: string, start: number): number {
  for (let end = start + 1; ; end++) {
    end = json.indexOf('"', end);
    let backslashes = 0;
    while (json[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
}
