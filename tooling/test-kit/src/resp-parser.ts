/** An error reply. Nested in an array (EXEC) it is a value; on its own, `RespConnection.command` rejects with it. */
export class RespError extends Error {
  override readonly name: string = "RespError";
}

/** Simple strings are strings, bulk strings are Buffers; RESP3 maps are flat arrays. */
export type RespValue = string | number | boolean | Buffer | null | RespError | RespValue[];

/** One whole request or reply: its bytes on the wire, its type byte (`>` is a RESP3 push) and its value. */
export interface RespFrame {
  type: string;
  value: RespValue;
  raw: Buffer;
}

const CRLF = "\r\n";

/** Cuts a byte stream, split anywhere, into RESP2 and RESP3 frames. */
export class RespParser {
  readonly #inline: boolean;
  #chunks: Buffer[] = [];
  #size = 0;
  /** No frame can be complete before this many bytes are there. */
  #needed = 1;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @param side what the stream carries: clients may also send requests as plain lines ("inline commands") */
  constructor(side: "requests" | "replies") {
    this.#inline = side === "requests";
  }

  /** The frames that this chunk completes. */
  push(chunk: Buffer): RespFrame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    this.#buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const frames: RespFrame[] = [];
    let start = 0;
    for (;;) {
      this.#at = start;
      this.#needed = 1;
      const type = String.fromCharCode(this.#buffer[start] ?? 0);
      const value =
        this.#inline && type !== "*" ? this.#line()?.split(/\s+/).filter(Boolean) : this.#value();
      if (value === undefined) break;
      frames.push({
        type,
        value: this.#inline ? toBuffers(value) : value,
        raw: this.#buffer.subarray(start, this.#at),
      });
      start = this.#at;
    }
    this.#needed -= Math.min(this.#needed - 1, start);
    const rest = this.#buffer.subarray(start);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return frames;
  }

  /** Takes out the bytes that belong to no whole frame yet. */
  takeRest(): Buffer {
    const rest = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    this.#needed = 1;
    return rest;
  }

  /** The value at the cursor, or undefined when its end is not there yet. */
  #value(): RespValue | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return rest;
      case "-":
        return new RespError(rest);
      case ":":
        return Number(rest);
      case ",":
      case "(":
        return rest;
      case "#":
        return rest === "t";
      case "_":
        return null;
      case "$":
      case "=":
        return this.#bulk(Number(rest));
      case "!": {
        const text = this.#bulk(Number(rest));
        return text && new RespError(String(text));
      }
      case "*":
      case "~":
      case ">":
        return this.#list(Number(rest));
      case "%":
        return this.#list(Number(rest) * 2);
      case "|":
        return this.#list(Number(rest) * 2) && this.#value();
      default:
        throw new Error(`Not RESP: ${JSON.stringify(line.slice(0, 40))}`);
    }
  }

  #line(): string | undefined {
    const end = this.#buffer.indexOf(CRLF, this.#at);
    if (end < 0) return undefined;
    const line = this.#buffer.toString("utf8", this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #bulk(length: number): Buffer | null | undefined {
    if (length < 0) return null;
    const end = this.#at + length;
    if (this.#buffer.length < end + 2) {
      this.#needed = end + 2;
      return undefined;
    }
    const bytes = this.#buffer.subarray(this.#at, end);
    this.#at = end + 2;
    return bytes;
  }

  #list(length: number): RespValue[] | null | undefined {
    if (length < 0) return null;
    const values: RespValue[] = [];
    for (let i = 0; i < length; i++) {
      const value = this.#value();
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  }
}

function toBuffers(request: RespValue): Buffer[] {
  return Array.isArray(request)
    ? request.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part))))
    : [];
}
