import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { Script } from "./fixtures/scripted-model.ts";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import { STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

const LEASE_MS = 1_500;
const ROUNDS = 200;
/** Rounds in one chat: what is kept of it is read anew with every message. */
const ROUNDS_A_CHAT = 20;

/** A store and two server processes on it. */
async function openServers(open: () => Promise<SharedStore>) {
  const used = new AsyncDisposableStack();
  const shared = used.use(await open());
  const serve = async (): Promise<TestServer> =>
    used.use(await startServer({ ...shared.env, LEASE_MS: String(LEASE_MS) }));
  const [first, second] = await Promise.all([serve(), serve()]);
  return { shared, first, second, [Symbol.asyncDispose]: () => used.disposeAsync() };
}

interface Turn {
  question: string;
  answers: string[];
}

/** Every question that is kept, on whatever branch, with the answers under it. */
async function turnsOf({ conversations }: SharedStore, id: string): Promise<Turn[]> {
  const history = await conversations.load(id);
  const { nodes } = JSON.parse(history.toJSON()) as { nodes: Record<string, unknown> };
  const all = Object.keys(nodes).map((node) => history.get(node)!);
  return all
    .filter(({ message }) => message.role === "user")
    .map(({ message, children }) => ({
      question: message.content,
      answers: children
        .map((child) => history.get(child)!.message)
        .filter(({ role }) => role === "assistant")
        .map(({ content }) => content),
    }));
}

/** Until that is what is kept: an answer is kept a moment after its reader has its end. */
const keeps = (shared: SharedStore, id: string, turns: Turn[]): Promise<void> =>
  vi.waitFor(async () => expect(await turnsOf(shared, id)).toEqual(turns), { timeout: 5_000 });

const asText = (script: Script): string => JSON.stringify(script);

/** Reads a response until `text` has come. */
async function readUntil(response: Response, text: string): Promise<void> {
  const decoder = new TextDecoder();
  let seen = "";
  for await (const bytes of response.body!) {
    seen += decoder.decode(bytes, { stream: true });
    if (seen.includes(text)) return;
  }
  throw new Error(`ended before ${text}: ${seen}`);
}

describe.each(STORES)("chats on $name", { timeout: 60_000 }, ({ open }) => {
  it(`two tabs on two servers, ${ROUNDS} rounds: every accepted message is kept, with its own answer`, async () => {
    await using all = await openServers(open);
    const { shared, first, second } = all;
    const expected: Turn[] = [];
    let refused = 0;
    const kept: Turn[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const chat = `tabs-${Math.floor(round / ROUNDS_A_CHAT)}`;
      const scriptOf = (tab: string): Script => ({ say: ["re ", `${tab}${round}`] });
      const scripts = [scriptOf("a"), scriptOf("b")] as const;
      const sent = await Promise.all([first.send(chat, scripts[0]), second.send(chat, scripts[1])]);
      for (const [i, response] of sent.entries()) {
        const text = await response.text();
        if (response.status === 200) {
          expected.push({
            question: asText(scripts[i === 0 ? 0 : 1]),
            answers: [`re ${"ab"[i]}${round}`],
          });
          expect(text).toContain("[DONE]");
        } else {
          expect(response.status).toBe(409);
          refused++;
        }
      }
      // Until the chat is free, as a page would wait for its answer.
      const areAnswered = async (): Promise<boolean> =>
        (await turnsOf(shared, chat)).every(({ answers }) => answers.length > 0);
      await vi.waitFor(async () => expect(await areAnswered()).toBe(true), { interval: 5 });
      if ((round + 1) % ROUNDS_A_CHAT === 0) kept.push(...(await turnsOf(shared, chat)));
    }
    const byQuestion = (a: Turn, b: Turn): number => (a.question < b.question ? -1 : 1);
    expect(kept.sort(byQuestion)).toEqual(expected.sort(byQuestion));
    // One of two is always taken, and if the other is not refused it comes after it.
    expect(expected.length).toBeGreaterThanOrEqual(ROUNDS);
    expect(expected.length + refused).toBe(2 * ROUNDS);
  });

  it("after a stop, from another server, there is what had come", async () => {
    await using all = await openServers(open);
    const { shared, first, second } = all;
    const script: Script = { say: ["as far ", "as this"], end: "silence", name: "stopped" };
    await readUntil(await first.send("c", script), "as this");
    expect((await second.stopChat("c")).status).toBe(200);
    await first.process.waitForLine(/^model aborted: stopped/);
    await keeps(shared, "c", [{ question: asText(script), answers: ["as far as this"] }]);
  });

  it("after a failure there is what had come", async () => {
    await using all = await openServers(open);
    const { shared, first } = all;
    const script: Script = { say: ["as far ", "as this"], end: { throw: "it broke" } };
    expect(await (await first.send("c", script)).text()).toContain("it broke");
    await keeps(shared, "c", [{ question: asText(script), answers: ["as far as this"] }]);
    const refused: Script = { end: { refuse: "401" } };
    expect(await (await first.send("c", refused)).text()).toContain("401");
    expect((await turnsOf(shared, "c")).at(-1)).toEqual({ question: asText(refused), answers: [] });
  });

  it("after kill -9 the question is there, and with the next message what had come", async () => {
    await using all = await openServers(open);
    const { shared, first, second } = all;
    const lost: Script = { say: ["as far ", "as this"], end: "silence" };
    await readUntil(await first.send("c", lost), "as this");
    await first.process.kill("SIGKILL");
    expect(await turnsOf(shared, "c")).toEqual([{ question: asText(lost), answers: [] }]);
    // Nobody can know yet that its producer is gone.
    const next: Script = { say: ["and ", "on"] };
    expect((await second.send("c", next)).status).toBe(409);
    await sleep(LEASE_MS);
    const response = await second.send("c", next);
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining("[DONE]"),
    ]);
    await keeps(shared, "c", [
      { question: asText(lost), answers: ["as far as this"] },
      { question: asText(next), answers: ["and on"] },
    ]);
  });
});

describe.each(STORES)("sessions on $name", { timeout: 30_000 }, ({ open }) => {
  it("after kill -9 the question is there, and with the next one what had come", async () => {
    await using all = await openServers(open);
    const { shared, first, second } = all;
    const lost: Script = { say: ["as far ", "as this"], end: "silence" };
    const reader = await first.start(lost, { sessionId: "s" });
    await reader.until(({ id }) => id === "2");
    await first.process.kill("SIGKILL");
    expect(await turnsOf(shared, "s")).toEqual([{ question: asText(lost), answers: [] }]);
    await sleep(LEASE_MS);
    const next: Script = { say: ["and ", "on"] };
    expect(await (await second.start(next, { sessionId: "s" })).closed).toBe("complete");
    await keeps(shared, "s", [
      { question: asText(lost), answers: ["as far as this"] },
      { question: asText(next), answers: ["and on"] },
    ]);
  });
});
