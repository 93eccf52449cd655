import { expect, test } from "vitest";
import { runSequence } from "../src/stream-store/model/run-sequence.ts";
import { creatingMutants } from "./mutants/creating.ts";

test("to fence the second writer of an open stream is that promise's breach, also where the limit would refuse", async () => {
  const { harness } = creatingMutants.find(({ breaks }) => breaks === "create-open")!;
  const store = await harness.create({ maxChunks: 12 });
  const append = (writer: string, chunks: string[]) =>
    ({ call: "append", chunks, writer, op: undefined, end: undefined }) as const;
  const four = ["a", "b", "c", "d"];
  const commands = [
    { call: "create", writer: undefined } as const,
    ...[1, 2, 3].map(() => append("w1", four)),
    append("w2", ["e"]),
  ];
  const context = {} as Parameters<typeof runSequence>[0];
  const running = runSequence(context, { store, peer: store, id: "x" }, commands);
  await expect(running).rejects.toMatchObject({ invariant: "create-open" });
});
