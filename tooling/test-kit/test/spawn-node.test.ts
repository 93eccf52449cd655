import { connect } from "node:net";
import { expect, test } from "vitest";
import { pollUntil, spawnNode } from "@streambed/test-kit";

const CHILD = new URL("fixtures/child.ts", import.meta.url);

test("collects both outputs, the last line without its end too, and the exit code", async () => {
  await using child = await spawnNode(CHILD, { env: { GREETING: "hello" } });
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(child.stdout).toEqual(["mode=end greeting=hello", "no line end"]);
  expect(child.stderr).toEqual(["a line of stderr"]);
});

test("waits for a line, finds earlier ones, and kills", async () => {
  await using child = await spawnNode(CHILD, { args: ["stay"] });
  expect((await child.waitForLine(/^mode=(\w+)/))[1]).toBe("stay");
  expect((await child.waitForLine(/of (stderr)/))[1]).toBe("stderr");
  expect((await child.waitForLine(/^mode=(\w+)/))[1]).toBe("stay");
  await expect(child.waitForLine(/never/, 50)).rejects.toThrow(/not within 50 ms[^]*mode=stay/);
  expect(await child.kill("SIGTERM")).toEqual({ code: null, signal: "SIGTERM" });
});

test("a line that can no longer come is an error at once", async () => {
  await using child = await spawnNode(CHILD);
  await expect(child.waitForLine(/never/)).rejects.toThrow(/the process ended[^]*a line of stderr/);
});

test("a server dies with the process that started it, even by SIGKILL", async () => {
  await using child = await spawnNode(CHILD, { args: ["redis"] });
  const port = Number((await child.waitForLine(/^redis=\d+ port=(\d+)/))[1]);
  expect(await accepts(port)).toBe(true);
  await child.kill("SIGKILL");
  await pollUntil("the server is gone", 5_000, async () => !(await accepts(port)));
});

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
