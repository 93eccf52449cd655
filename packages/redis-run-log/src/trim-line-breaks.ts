/** Text without the line breaks at its end. Not by an expression: of text full of line breaks those take for ever. */
export function trimLineBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}
