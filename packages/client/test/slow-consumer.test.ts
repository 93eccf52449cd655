import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { readStream } from "../src/index.ts";
import { DONE, event, EVENT_STREAM, head } from "./support/answers.ts";
import { rawServer } from "./support/raw-server.ts";

const TEXT = "x".repeat(16_384);
const COUNT = 4_096;

test("a slow consumer holds the server up, and gets all in order", async () => {
  let given = 0;
  let waits = 0;
  const server = await rawServer((socket) => {
    socket.write(head("200 OK", EVENT_STREAM));
    const write = (): void => {
      while (given < COUNT) {
        given++;
        if (!socket.write(event(given, TEXT))) return void (waits++, socket.once("drain", write));
      }
      socket.end(DONE);
    };
    write();
  });
  // A pause is not silence, and reading goes on behind it.
  const reader = readStream({ url: server.url, silenceMs: 150 });
  const memory: number[] = [];
  let seq = 0;
  for (let i = 0; i < 120; i++) {
    const { value } = await reader.next();
    expect(value).toEqual({ seq: ++seq, event: "", data: TEXT });
    await sleep(i === 60 ? 400 : 3);
    memory.push(process.memoryUsage().arrayBuffers);
  }
  // The operating system takes megabytes on its own account.
  const ahead = (given - seq) * TEXT.length;
  expect(waits).toBeGreaterThan(0);
  expect(ahead).toBeLessThan(12 * 1_048_576);
  expect(Math.max(...memory) - Math.min(...memory)).toBeLessThan(24 * 1_048_576);

  for (;;) {
    const { done, value } = await reader.next();
    if (done === true) {
      expect(value).toEqual({ state: "done" });
      break;
    }
    expect(value.seq).toBe(++seq);
  }
  expect(seq).toBe(COUNT);
  expect(server.requests).toHaveLength(1);
});
