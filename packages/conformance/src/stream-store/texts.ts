import fc from "fast-check";

/** Strings that stores are known to mangle: empty, control characters, lookalikes of other types, Unicode. */
export const NASTY_TEXTS: readonly string[] = [
  "",
  " ",
  " leading and trailing ",
  "\u0000",
  "a\u0000b",
  "\r",
  "\n",
  "\r\n",
  "line\rline\r\nline\n",
  "\uFEFF",
  "\uFEFFbom first",
  "\u2028\u2029",
  "3",
  "007",
  "-0",
  "1e3",
  "12345678901234567890",
  "NaN",
  "null",
  "undefined",
  "true",
  "OK",
  '"quoted"',
  '{"a":1.0}',
  "[]",
  "{}",
  "[object Object]",
  "data: forged\n\nid: 7\n\n",
  "e\u0301",
  "\u00e9",
  "\u00df\u0130\u01c5",
  "\ud83d\ude00",
  "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67",
  "\u{10FFFF}\uFFFF\uFFFE\uE000",
  "%s %d $1 \\u0041 \\n {0}",
  "'; DROP TABLE chunks; --",
];

/** Any well-formed string, the nasty ones more often than chance has them. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...NASTY_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
);

/** `count` different texts. */
export function numbered(count: number, prefix = "chunk"): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i + 1}`);
}

/** 1, 2, … `count`. */
export function seqsTo(count: number, afterSeq = 0): number[] {
  return Array.from({ length: count - afterSeq }, (_, i) => afterSeq + i + 1);
}
