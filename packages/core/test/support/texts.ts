import fc from "fast-check";

/** What a codec could trip over: line breaks, field names, marks, controls, both planes. */
const PIECES = [
  ..."\r \n \0 \x01 \x85 \u2028 \ufeff : a é 😀 \u{10FFFF}".split(" "),
  " ",
  "\r\n",
  "\n\n",
  "data:",
  "data: ",
  "event: done",
  "id: 7",
  "exact: ",
  'exact: "x"',
  "retry: 1",
  ": comment",
  '"',
  "\\",
];

/** Any well-formed text, made of trouble more often than chance has it. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 30 }),
);

/** Any text on one line. */
export const anyLine: fc.Arbitrary<string> = anyText.map((text) =>
  text.replaceAll(/[\r\n\0]/g, ""),
);

/** `text` in pieces, cut where the numbers say. */
export function cutText(text: string, cuts: readonly number[]): string[] {
  return cutsOf(text.length, cuts).map(([from, to]) => text.slice(from, to));
}

/** `text` as UTF-8 in pieces, cut where the numbers say, put together again as a reader would. */
export function cutBytes(text: string, cuts: readonly number[]): string[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const texts = cutsOf(bytes.length, cuts).map(([from, to]) =>
    decoder.decode(bytes.subarray(from, to), { stream: true }),
  );
  return [...texts, decoder.decode()];
}

function cutsOf(length: number, cuts: readonly number[]): [number, number][] {
  const places = [...cuts.map((cut) => cut % (length + 1)), 0, length].sort((a, b) => a - b);
  return places.slice(1).map((to, i) => [places[i] ?? 0, to]);
}
