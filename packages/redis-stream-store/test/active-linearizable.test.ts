import { setImmediate as nextTick } from "node:timers/promises";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { RedisActiveStreams } from "../src/index.ts";
import { randomPrefix } from "./clients.ts";
import { openEndpoint, seededRandom } from "./support-clients.ts";
import { isLinearizable } from "./support-linearizable.ts";
import type { Call } from "./support-linearizable.ts";

const ROUNDS = 400;
const AT_ONCE = 20;
const CALLERS = 4;
const CALLS_EACH = 4;

describe.each(["ioredis 6", "node-redis 6", "Upstash", "eight methods"] as const)("%s", (kind) => {
  it(`${ROUNDS} chats with ${CALLERS} callers each: every call as if at one moment`, async () => {
    const endpoint = await openEndpoint(kind, inject("redisUrl"));
    onTestFinished(() => endpoint[Symbol.asyncDispose]());
    const clients = await Promise.all(Array.from({ length: CALLERS }, () => endpoint.connect()));
    const prefix = randomPrefix();
    const callers = clients.map(({ client }) => new RedisActiveStreams(client, { prefix }));
    const random = seededRandom(7);
    let clock = 0;
    let overlaps = 0;

    const round = async (chat: string): Promise<void> => {
      const calls: Call[] = [];
      const act = async (one: RedisActiveStreams): Promise<void> => {
        for (let n = 0; n < CALLS_EACH; n++) {
          for (let tick = Math.floor(random() * 4); tick > 0; tick--) await nextTick();
          const op = anyOp(random);
          const from = ++clock;
          const result = await send(one, chat, op);
          calls.push({ op, from, to: ++clock, result });
        }
      };
      await Promise.all(callers.map(act));
      overlaps += calls.filter(({ from, to }) =>
        calls.some((c) => c.from > from && c.from < to),
      ).length;
      calls.sort((a, b) => a.from - b.from);
      expect(isLinearizable(calls), JSON.stringify(calls, null, 1)).toBe(true);
    };
    for (let n = 0; n < ROUNDS; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => round(`chat-${n + i}`)));
    }
    expect(overlaps, "calls during which another began").toBeGreaterThan(ROUNDS);
  });
});

it("the judge knows a history that is not", () => {
  const set = (id: string, from: number, to: number, result = id): Call => ({
    op: { set: id },
    from,
    to,
    result,
  });
  expect(isLinearizable([set("a", 1, 4), set("b", 2, 3, "a")])).toBe(true);
  expect(isLinearizable([set("a", 1, 4), set("b", 2, 3)])).toBe(false);
  expect(isLinearizable([set("a", 3, 4), set("b", 1, 2, "a")])).toBe(false);
  const get = (from: number, to: number, result: string | null): Call => ({
    op: "get",
    from,
    to,
    result,
  });
  expect(isLinearizable([set("a", 1, 6), get(2, 3, "a"), get(4, 5, "a")])).toBe(true);
  expect(isLinearizable([set("a", 1, 6), get(2, 3, "a"), get(4, 5, null)])).toBe(false);
});

function anyOp(random: () => number): Call["op"] {
  const id = (): string => `s${Math.floor(random() * 3)}`;
  const dice = random();
  if (dice < 0.2) return "get";
  if (dice < 0.5) return { clear: id() };
  return dice < 0.75 ? { set: id() } : { set: id(), instead: id() };
}

async function send(
  one: RedisActiveStreams,
  chat: string,
  op: Call["op"],
): Promise<Call["result"]> {
  if (op === "get") return one.get(chat);
  if ("set" in op) return one.set(chat, op.set, { instead: op.instead });
  await one.clear(chat, op.clear);
  return undefined;
}
