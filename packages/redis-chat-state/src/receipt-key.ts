import { hashedPart, keySlot, tagIn } from "./key-slot.ts";

/**
 * Where the outcome of one write to `key` is kept: in the same slot of a cluster, so on the same node.
 *
 * @param clientPrefix what the client puts before both
 */
export function receiptKey(key: string, op: string, clientPrefix = ""): string {
  const tag = hashedPart(clientPrefix + key);
  // A few keys cannot be the hash tag of another.
  return `{${tag.includes("}") ? tagIn(keySlot(tag)) : tag}}:op:${op}`;
}
