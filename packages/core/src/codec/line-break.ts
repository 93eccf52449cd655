/** Where a line of an event stream ends (WHATWG HTML, 9.2.5). */
export const LINE_BREAK: RegExp = /\r\n|\r|\n/g;
