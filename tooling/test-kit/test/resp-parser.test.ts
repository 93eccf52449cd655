import { expect, test } from "vitest";
import { encodeCommand, RespError } from "@streambed/test-kit";
import { RespParser } from "../src/resp-parser.ts";

const BINARY = Buffer.from([0, 13, 10, 255, 36, 42]);
const REPLIES = Buffer.concat([
  Buffer.from("+OK\r\n-ERR no\r\n:-42\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n$6\r\n"),
  BINARY,
  Buffer.from("\r\n*3\r\n:1\r\n*2\r\n$2\r\nab\r\n-WRONG x\r\n$-1\r\n"),
  Buffer.from("%1\r\n+k\r\n~1\r\n#t\r\n>2\r\n+message\r\n_\r\n"),
]);
const VALUES = [
  "OK",
  new RespError("ERR no"),
  -42,
  null,
  null,
  [],
  Buffer.alloc(0),
  BINARY,
  [1, [Buffer.from("ab"), new RespError("WRONG x")], null],
  ["k", [true]],
  ["message", null],
];

test.each([1, 2, 3, 7, REPLIES.length])(
  "replies are the same however the bytes are split: %i at a time",
  (size) => {
    const parser = new RespParser("replies");
    const frames = split(REPLIES, size).flatMap((piece) => parser.push(piece));
    expect(frames.map((frame) => frame.value)).toEqual(VALUES);
    expect(Buffer.concat(frames.map((frame) => frame.raw))).toEqual(REPLIES);
    expect(frames.at(-1)?.type).toBe(">");
    expect(parser.takeRest()).toHaveLength(0);
  },
);

test("requests are arrays of bytes, inline commands too", () => {
  const parser = new RespParser("requests");
  const bytes = Buffer.concat([
    encodeCommand(["SET", "k", BINARY]),
    Buffer.from("PING  hello\r\n\r\n"),
    encodeCommand(["GET", 7]),
  ]);
  const frames = split(bytes, 1).flatMap((piece) => parser.push(piece));
  expect(frames.map((frame) => frame.value)).toEqual([
    [Buffer.from("SET"), Buffer.from("k"), BINARY],
    [Buffer.from("PING"), Buffer.from("hello")],
    [],
    [Buffer.from("GET"), Buffer.from("7")],
  ]);
});

test("what is not RESP is an error", () => {
  expect(() => new RespParser("replies").push(Buffer.from("HTTP/1.1 200 OK\r\n"))).toThrow(
    /Not RESP: "HTTP/,
  );
});

function split(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}
