/** What no method may take for an id. */
export const BAD_IDS: readonly unknown[] = [
  ...["", " ", "a b", "a\n", "\na", "a\r\n", "a\u0000", "*", "a*", "a?", "[a]", "{a}"],
  ...["a/b", "a\\b", "a,b", "a'b", 'a"b', "a%20b", "\u00e4", "a\u00e4", "\ud83d\ude00"],
  "x".repeat(257),
  ...[undefined, null, 5, 0, true, {}, ["a"], { toString: () => "a" }, new String("a")],
];

/** Ordinary by the grammar, special to something that stores are built with. */
export const ODD_IDS: readonly string[] = [
  "__proto__",
  "constructor",
  ".",
  "..",
  ":",
  "-",
  "--help",
  "aZ0_.:-",
  "0",
  "x".repeat(256),
];

/** The two halves of one character. */
export const HIGH = "\ud83d";
export const LOW = "\ude00";

/** What is not a chunk of a batch. */
export const BAD_CHUNKS: readonly unknown[] = [
  ...[
    undefined,
    null,
    5,
    true,
    {},
    new Uint8Array([97]),
    new String("a"),
    ["a"],
    { toString: () => "a" },
  ],
  ...[HIGH, LOW, `a${HIGH}`, `${LOW}a`, `${LOW}${HIGH}`, `${HIGH}${HIGH}${LOW}`, Symbol("a"), 5n],
];

/** What is neither a chunk nor a batch. */
export const BAD_BATCHES: readonly unknown[] = [
  ...[
    undefined,
    null,
    5,
    true,
    {},
    new Uint8Array([97]),
    new String("a"),
    new Set(["a"]),
    { length: 1, 0: "a" },
  ],
  ...[HIGH, LOW],
];

/** What names neither a writer nor an op. */
export const BAD_TOKENS: readonly unknown[] = [
  "",
  " ",
  "a b",
  "a\n",
  "\u00e9",
  "\u007f",
  "x".repeat(129),
  5,
  null,
  {},
  ["a"],
];

export const BAD_NUMBERS: readonly unknown[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  -Infinity,
  "5",
  null,
  {},
  5n,
];

export const BAD_ENDS: readonly unknown[] = ["stopped", "error", "active", "", null, true, 5];

/** `value` as it may stand in a message. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, of]) => `${key}: ${shown(of)}`)
      .join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
