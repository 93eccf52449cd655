/** What a cluster hashes of a key instead of all of it (Redis Cluster specification, "Hash tags"). */
const HASH_TAG = /^[^{]*\{([^}]+)\}/;

/**
 * Where the outcome of one write to `key` is kept: on the same node of a cluster. Undefined for the few keys that
 * share their slot with no other that could be made of them; writes to those cannot be repeated.
 */
export function receiptKey(key: string, op: string): string | undefined {
  const [, tag = key] = HASH_TAG.exec(key) ?? [];
  return tag.includes("}") ? undefined : `{${tag}}:op:${op}`;
}
