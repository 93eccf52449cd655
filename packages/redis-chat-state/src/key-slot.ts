/** What a cluster hashes of a key instead of all of it (Redis Cluster specification, "Hash tags"). */
const HASH_TAG = /^[^{]*\{([^}]+)\}/;
const SLOTS = 16_384;
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc;
});

/** The part of a key that says on which node of a cluster it lies. */
export function hashedPart(key: string): string {
  return HASH_TAG.exec(key)?.[1] ?? key;
}

/** The slot of a cluster that a key lies in (the same specification, "Key distribution model"). */
export function keySlot(key: string): number {
  let crc = 0;
  for (const byte of new TextEncoder().encode(hashedPart(key))) {
    crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ byte]!;
  }
  return crc % SLOTS;
}

/** The tags that were found so far, by slot, and where to look on. */
const TAGS = new Map<number, string>();
let next = 0;

/** Some hash tag of a slot: a number. */
export function tagIn(slot: number): string {
  for (;;) {
    const tag = TAGS.get(slot);
    if (tag !== undefined) return tag;
    const found = keySlot(String(next));
    if (!TAGS.has(found)) TAGS.set(found, String(next));
    next++;
  }
}
