import type { QueueEntry } from "chat";
import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry } from "./queue-entry.ts";

const message = {
  text: "é",
  toJSON: undefined,
  gone: undefined,
} as unknown as QueueEntry["message"];
const entry: QueueEntry = { expiresAt: 2, message, enqueuedAt: 1.5 };
const plain = { message: { text: "é" }, enqueuedAt: 1.5, expiresAt: 2 };

describe("encodeEntry", () => {
  it("writes the members that readers know, in their order", () => {
    const more = { ...entry, more: true };
    expect(encodeEntry(more, "typescript")).toBe(
      '{"message":{"text":"é"},"enqueuedAt":1.5,"expiresAt":2}',
    );
    expect(encodeEntry(more, "both")).toBe(
      '{"message":{"text":"é"},"enqueuedAt":1.5,"expiresAt":2,"enqueued_at":1.5,"expires_at":2}',
    );
  });

  it("is what JSON.stringify makes of it, with the message's own toJSON", () => {
    const own = { toJSON: () => ({ _type: "chat:Message", n: NaN, d: new Date(0) }) };
    const made = {
      message: own as unknown as QueueEntry["message"],
      enqueuedAt: 1e21,
      expiresAt: -1,
    };
    expect(encodeEntry(made, "typescript")).toBe(JSON.stringify(made));
  });

  it.each(["typescript", "both"] as const)("is read again: %s", (format) => {
    expect(decodeEntry(encodeEntry(entry, format))).toEqual(plain);
  });

  it.each([undefined, null, NaN, Infinity, "1", 1n])("refuses %s as a time", (time) => {
    for (const name of ["enqueuedAt", "expiresAt"]) {
      expect(() => encodeEntry({ ...entry, [name]: time }, "both")).toThrow(
        expect.objectContaining({ code: "INVALID_VALUE", message: expect.stringContaining(name) }),
      );
    }
  });

  it.each([undefined, null, "text", 5, () => {}, { toJSON: () => "text" }, { toJSON() {} }])(
    "refuses %s as a message",
    (other) => {
      expect(() => encodeEntry({ ...entry, message: other as never }, "both")).toThrow(
        expect.objectContaining({ code: "INVALID_VALUE" }),
      );
    },
  );
});

describe("decodeEntry", () => {
  it("reads Python's spelling, and ours first where there are both", () => {
    expect(
      decodeEntry('{"enqueued_at": 1.5, "expires_at": 2, "message": {"text": "\\u00e9"}}'),
    ).toEqual(plain);
    expect(
      decodeEntry(
        '{"message":{"text":"é"},"enqueued_at":7,"enqueuedAt":1.5,"expires_at":8,"expiresAt":2}',
      ),
    ).toEqual(plain);
    expect(decodeEntry('{"message":{},"enqueuedAt":null,"enqueued_at":1,"expires_at":2}')).toEqual({
      message: {},
      enqueuedAt: 1,
      expiresAt: 2,
    });
  });

  it.each([
    "",
    "junk",
    "null",
    "5",
    "[]",
    "{}",
    '{"message":{},"enqueuedAt":1}',
    '{"message":{},"expiresAt":1}',
    '{"message":{},"enqueuedAt":"1","expiresAt":2}',
    '{"message":{},"enqueued_at":1,"expires_at":NaN}',
    '{"message":null,"enqueuedAt":1,"expiresAt":2}',
    '{"message":"text","enqueuedAt":1,"expiresAt":2}',
    '{"enqueuedAt":1,"expiresAt":2}',
  ])("knows that %s is none", (json) => expect(decodeEntry(json)).toBeUndefined());

  it.each([
    ["a string", '{"a":"', "x"],
    ["a string with escapes", '{"a":"', "\\\\"],
  ])("knows that 20 MB of %s are none", (_, start, text) => {
    const long = start + text.repeat(20_000_000 / text.length);
    expect(decodeEntry(long)).toBeUndefined();
    expect(decodeEntry(`NaN${long}`)).toBeUndefined();
  });
});
