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

/** A string, or one of the characters that open, close and part. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|null/g;

/** @param json of an object, well-formed */
function fillMembers(json: string, values: Record<string, string>): string {
  let depth = 0;
  let name: string | undefined;
  let filled = "";
  let from = 0;
  let before = "";
  for (const { index, 0: token } of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && token === ":") name = JSON.parse(before) as string;
    else if (depth === 1 && token === ",") name = undefined;
    else if (depth === 1 && token === "null" && name !== undefined && Object.hasOwn(values, name)) {
      filled += json.slice(from, index) + values[name]!;
      from = index + token.length;
    }
    before = token;
  }
  return filled + json.slice(from);
}
