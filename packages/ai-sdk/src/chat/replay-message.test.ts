import type { UIMessage } from "ai";
import { expect, test } from "vitest";
import { readByBoth } from "../../test/support/any-chunks.ts";
import { replayMessage } from "./replay-message.ts";

type Part = UIMessage["parts"][number];

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const providerMetadata = { some: { signature: "x" } };
const call = { type: "tool-look", toolCallId: "t", input: { at: [1, { deep: "é" }] } } as const;
const dynamic = { ...call, type: "dynamic-tool", toolName: "look" } as const;
const approval = { id: "ok" } as const;

/** Where versions are named, the others have no such part, or keep it otherwise. */
test.each<[string, Part, (6 | 7)[]?]>([
  ["text", { type: "text", text: "a\n\ud83d\ude00", state: "done" }],
  ["empty text", { type: "text", text: "", state: "done", providerMetadata }],
  ["reasoning", { type: "reasoning", id: "r", text: "hm", state: "done", providerMetadata }, [7]],
  ["a step", { type: "step-start" }],
  ["a file", { type: "file", mediaType: "image/png", url: "data:,", providerMetadata }],
  ["a file of reasoning", { type: "reasoning-file", mediaType: "image/png", url: "data:," }, [7]],
  ["a source", { type: "source-url", sourceId: "s", url: "https://a.test/", title: "A" }],
  ["a document", { type: "source-document", sourceId: "s", mediaType: "text/plain", title: "A" }],
  ["data", { type: "data-place", id: "p", data: { at: 1 } }],
  ["data without an id", { type: "data-place", data: null }],
  ["a part of the provider's", { type: "custom", kind: "openai.thing", providerMetadata }, [7]],
  ["a call", { ...call, state: "input-available", callProviderMetadata: providerMetadata }],
  ["a call by the provider", { ...call, state: "input-available", providerExecuted: true }],
  ["a result", { ...call, state: "output-available", output: { found: [1] }, title: "Looking" }],
  [
    "a result of a call without input",
    { ...call, input: null, state: "output-available", output: null },
  ],
  ["a preliminary result", { ...call, state: "output-available", output: 1, preliminary: true }],
  [
    "a result of the provider's",
    {
      ...call,
      state: "output-available",
      output: 1,
      providerExecuted: true,
      callProviderMetadata: providerMetadata,
      resultProviderMetadata: { some: { id: "y" } },
    },
    [7],
  ],
  ["a dynamic call", { ...dynamic, state: "input-available" }],
  ["a dynamic result", { ...dynamic, state: "output-available", output: 1 }],
  ["a failed call", { ...call, state: "output-error", errorText: "boom" }, [7]],
  ["a failed dynamic call", { ...dynamic, state: "output-error", errorText: "boom" }],
  ["a call that asks", { ...call, state: "approval-requested", approval }],
  ["a call that was denied", { ...call, state: "output-denied", approval } as unknown as Part],
])("%s", async (_, part, versions = [6, 7]) => {
  const message: UIMessage = {
    id: "m",
    role: "assistant",
    metadata: { model: "m" },
    parts: [
      { type: "text", text: "before", state: "done" },
      part,
      { type: "text", text: "after", state: "done" },
    ],
  };
  for (const { version, message: read } of await readByBoth(replayMessage(message))) {
    const { rawInput: _raw, ...shown } = (read?.parts[1] ?? {}) as { rawInput?: unknown };
    expect(read).toMatchObject({ id: "m", role: "assistant", metadata: { model: "m" } });
    if (versions.includes(version)) expect(json(shown)).toEqual(json(part));
    expect(json(read?.parts.at(-1))).toEqual(message.parts.at(-1));
    const isKnown = version === 7 || (part.type !== "custom" && part.type !== "reasoning-file");
    expect(read?.parts).toHaveLength(isKnown ? 3 : 2);
  }
});

test("a failed call as AI SDK 6 keeps it", async () => {
  const part = {
    type: "tool-look",
    toolCallId: "t",
    state: "output-error",
    rawInput: { at: 1 },
    errorText: "boom",
  } as unknown as Part;
  const chunks = replayMessage({ id: "m", role: "assistant", parts: [part] });
  const [six, seven] = await readByBoth(chunks);
  expect(json(six?.message?.parts)).toEqual([json(part)]);
  expect(seven?.message?.parts).toMatchObject([{ input: { at: 1 }, errorText: "boom" }]);
});

test("what was answered is not called again, and what is unknown left out", () => {
  const parts = [
    { ...call, state: "output-available", output: 1 } as Part,
    { type: "song" } as never,
  ];
  const types = replayMessage({ id: "m", role: "assistant", parts }).map(({ type }) => type);
  expect(types).toEqual(["start", "tool-input-start", "tool-input-delta", "tool-output-available"]);
});
