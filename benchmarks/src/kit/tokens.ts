const WORDS = (
  "A stream is kept chunk by chunk in the user 's own Redis , and any client , on any device , " +
  "can read it from any position , live or late ; a reload , a dropped socket , a deploy or a crashed " +
  "producer loses nothing that was acknowledged ."
).split(" ");

/** Text in pieces as a model sends it: a word with the blank before it, five bytes on average. */
export function token(i: number): string {
  return ` ${WORDS[i % WORDS.length]}`;
}

export function tokens(count: number): string[] {
  return Array.from({ length: count }, (_, i) => token(i));
}
