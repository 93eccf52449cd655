import type { UpstashAccess } from "./upstash-targets.ts";

/**
 * One command over REST, without a client, which might take strings for something else.
 * @returns the reply, with its strings as UTF-8
 * @throws Error with the server's own words
 */
export async function askUpstash(
  { url, token }: Pick<UpstashAccess, "url" | "token">,
  ...command: string[]
): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, "upstash-encoding": "base64" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(command) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: string };
  if (error !== undefined) throw new Error(error);
  return decoded(result);
}

function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  // The one string that is never encoded.
  if (typeof value !== "string" || value === "OK") return value;
  return Buffer.from(value, "base64").toString();
}
