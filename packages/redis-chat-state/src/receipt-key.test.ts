import { expect, it } from "vitest";
import { keySlot } from "./key-slot.ts";
import { receiptKey } from "./receipt-key.ts";

it.each([
  ["chat-sdk:lock:t", "{chat-sdk:lock:t}:op:1"],
  ["chat-sdk:lock:of {a} tag", "{a}:op:1"],
  ["chat-sdk:lock:{{a}}", "{{a}:op:1"],
  ["chat-sdk:lock:a{b", "{chat-sdk:lock:a{b}:op:1"],
])("the receipt of %s is %s", (key, receipt) => expect(receiptKey(key, "1")).toBe(receipt));

const KEYS = [
  "k",
  "k:{a}",
  "k:a}b",
  "k:{}",
  "k:}{",
  "k:{}{a}",
  "k:{{a}}",
  "k:a{b",
  "k:é}",
  "k:\n}",
];
it.each(KEYS.flatMap((key) => ["", "P:", "{P}:", "P}:"].map((prefix) => [key, prefix] as const)))(
  'of %j, behind "%s", lies in its slot',
  (key, prefix) => {
    const receipt = receiptKey(key, "1", prefix);
    expect(receipt).toMatch(/^\{[^]*\}:op:1$/);
    expect(keySlot(prefix + receipt)).toBe(keySlot(prefix + key));
  },
);

it("no two writes share one", () => {
  const receipts = KEYS.flatMap((key) => ["1", "2"].map((op) => receiptKey(key, op)));
  expect(new Set(receipts).size).toBe(receipts.length);
});
