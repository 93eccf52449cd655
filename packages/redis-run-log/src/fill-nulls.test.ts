import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillNulls } from "./fill-nulls.ts";

const RUN = { runId: "run-1", seq: 42 };

const fill = (json: string): string => {
  const filled = fillNulls(`data: ${json}\n\n`, RUN);
  expect(filled.startsWith("data: ") && filled.endsWith("\n\n")).toBe(true);
  return filled.slice("data: ".length, -2);
};

describe("fills", () => {
  it.each([
    ['{"run_id":null,"seq_id":null}', '{"run_id":"run-1","seq_id":42}'],
    ['{ "run_id" : null , "x" : 1 }', '{ "run_id" : "run-1" , "x" : 1 }'],
    ['{"a":{"run_id":1},"run_id":null}', '{"a":{"run_id":1},"run_id":"run-1"}'],
    ['{"a":[null,{"b":null}],"seq_id":null}', '{"a":[null,{"b":null}],"seq_id":42}'],
    // Twice the same name: parsers take the last.
    ['{"seq_id":1,"seq_id":null}', '{"seq_id":1,"seq_id":42}'],
    [
      '{"seq_id":null,"n":12345678901234567890,"m":1.0,"e":1E5}',
      '{"seq_id":42,"n":12345678901234567890,"m":1.0,"e":1E5}',
    ],
    ['{"s":"\\\\","seq_id":null}', '{"s":"\\\\","seq_id":42}'],
    ['{"s":"\\"","seq_id":null}', '{"s":"\\"","seq_id":42}'],
    ['{"s":"{[,:","seq_id":null}', '{"s":"{[,:","seq_id":42}'],
    ['{"s":"\u2028","seq_id":null}', '{"s":"\u2028","seq_id":42}'],
    ['\t{"seq_id":\tnull}', '\t{"seq_id":\t42}'],
  ])("%s", (json, filled) => {
    expect(fill(json)).toBe(filled);
  });

  it("every line of data, whatever breaks the lines, and leaves the others alone", () => {
    for (const eol of ["\n", "\r", "\r\n"]) {
      const lines = (value: string): string =>
        [
          'event: x{"seq_id":null}',
          `data:{"seq_id":${value}}`,
          `data: {"seq_id": ${value}}`,
          ': {"seq_id":null}',
          "",
          "",
        ].join(eol);
      expect(fillNulls(lines("null"), RUN)).toBe(lines("42"));
    }
  });

  it("with a run id that JSON and replace() have to quote", () => {
    const filled = fillNulls('data: {"run_id":null}\n\n', { runId: 'a"$&$1', seq: 1 });
    expect(filled).toBe('data: {"run_id":"a\\"$&$1"}\n\n');
  });
});

describe("leaves alone", () => {
  it.each([
    '{"text":"\\"run_id\\":null"}',
    '{"text":"{\\"seq_id\\": null}"}',
    '{"inner":{"run_id":null,"seq_id":null}}',
    '{"list":[{"seq_id":null}]}',
    '[{"seq_id":null}]',
    '"seq_id\\":null"',
    '{"seq_id":[null]}',
    '{"seq_id":{"a":null}}',
    '{"run_id":"","seq_id":0}',
    '{"my_seq_id":null,"seq_id ":null}',
    '{"seq_id":null',
    '{"seq_id":null}}',
    '{"seq_id":nul}',
    '{"a":undefined,"seq_id":null}',
    '{seq_id:null,"seq_id":null}',
    '"seq_id":null',
    '{"constructor":null,"__proto__":null,"toString":null,"x":"\\"seq_id\\":null"}',
    "",
  ])("%s", (json) => {
    expect(fill(json)).toBe(json);
  });

  it("what is behind U+2028, which begins no line of SSE", () => {
    const data = 'data: x\u2028data: {"seq_id":null}\n\n';
    expect(fillNulls(data, RUN)).toBe(data);
  });

  it("text that is no field of data", () => {
    for (const data of ['{"seq_id":null}', 'xdata: {"seq_id":null}\n\n', 'id: {"seq_id":null}\n']) {
      expect(fillNulls(data, RUN)).toBe(data);
    }
  });
});

it("any JSON means the same afterwards, but for the two members", () => {
  const name = fc.oneof(fc.constantFrom("run_id", "seq_id", "null", "__proto__"), fc.string());
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, null, true, 0, -1.5, 1e300, '"seq_id":null', "\\", '"'),
      fc.string({ unit: "binary" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(name, tie("value"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, "\t"), (json, indent) => {
      const text = JSON.stringify(json, null, indent).replaceAll("\n", " ");
      const expected: unknown = JSON.parse(text);
      if (typeof expected === "object" && expected !== null && !Array.isArray(expected)) {
        const members = expected as Record<string, unknown>;
        if (Object.hasOwn(members, "run_id")) members["run_id"] ??= RUN.runId;
        if (Object.hasOwn(members, "seq_id")) members["seq_id"] ??= RUN.seq;
      }
      expect(JSON.parse(fill(text))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
}, 30_000);

it.each([
  ["one string", "x".repeat(16 << 20)],
  ["escapes", '\\\\\\"'.repeat(4 << 20)],
])(
  "takes %s of 16 MB, which no expression could",
  (_, text) => {
    expect(fill(`{"text":"${text}","seq_id":null}`).endsWith('","seq_id":42}')).toBe(true);
  },
  30_000,
);

it.each<[string, (size: number) => string]>([
  ["one long string", (size) => `{"seq_id":null,"text":"${"x".repeat(size)}"}`],
  ["quotes", (size) => `{"seq_id":null,"text":"${'\\"'.repeat(size / 2)}"}`],
  ["small members", (size) => `{"seq_id":null${',"a":null'.repeat(size / 9)}}`],
  [
    "deep",
    (size) =>
      `{"seq_id":null,"a":${"[".repeat(Math.min(size, 2e6) / 400)}${"]".repeat(Math.min(size, 2e6) / 400)}}`,
  ],
  ["broken, and never closed", (size) => `{"seq_id":null,"text":"${"x".repeat(size)}`],
  ["spaces behind the name", (size) => `{"seq_id":null,"run_id"${" ".repeat(size)}`],
  ["many names without end", (size) => '"seq_id" '.repeat(size / 9)],
  ["line breaks", (size) => `{"seq_id":null}${"\n\r".repeat(size / 2)}`],
])(
  "takes time in proportion, on a megabyte of %s",
  (_, make) => {
    // The least of several: a busy machine takes longer now and then.
    const spent = (size: number): number => {
      const data = `data: ${make(size)}\n\n`;
      const tries = [1, 2, 3].map(() => {
        const from = performance.now();
        fillNulls(data, RUN);
        return performance.now() - from;
      });
      return Math.max(4, Math.min(...tries));
    };
    const [small, large] = [spent(131_072), spent(1_048_576)];
    // Eight times as much. What is quadratic takes minutes.
    expect(large / small).toBeLessThan(100);
    expect(fillNulls(`data: ${make(1_048_576)}`, RUN).length).toBeGreaterThan(1_000);
  },
  30_000,
);
