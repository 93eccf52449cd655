import { LINE_BREAK } from "./line-break.ts";

/** One server-sent event. */
export interface SseEvent {
  id?: string | undefined;
  event?: string | undefined;
  data: string;
}

/**
 * An event on the wire. Data is split into lines wherever a parser would see a line break, so no data
 * can end an event or begin another (WHATWG HTML, 9.2.6 "Interpreting an event stream").
 *
 * Parsers join the lines by LF, so CR and CRLF would come out changed. Data with a CR therefore goes a
 * second time, as a JSON string in a field `exact`, which other parsers ignore as unknown.
 *
 * @throws TypeError if `id` or `event` has a line break or NUL
 */
export function encodeSse({ id, event, data }: SseEvent): string {
  let text = "";
  if (id !== undefined) text += `id: ${oneLine(id)}\n`;
  if (event) text += `event: ${oneLine(event)}\n`;
  if (!data.includes("\r")) return `${text}data: ${data.replaceAll("\n", "\ndata: ")}\n\n`;
  text += `exact: ${JSON.stringify(data)}\n`;
  for (const line of data.split(LINE_BREAK)) text += `data: ${line}\n`;
  return `${text}\n`;
}

/** A comment: keeps proxies from closing a quiet connection, and means nothing. */
export function encodeSseComment(text: string): string {
  return `: ${oneLine(text)}\n\n`;
}

function oneLine(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError("an SSE field must be one line without NUL");
  return value;
}
