import { launchChromium, startTcpProxy } from "@streambed/test-kit";
import type { NodeProcess, TcpProxy } from "@streambed/test-kit";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ProductionApp } from "./support/production-app.ts";

interface Kept {
  parts: { type: string; text?: string }[];
  metadata?: { end?: string };
}

let app: ProductionApp;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let server: NodeProcess;
let port: number;
/** The network between the browser and the server. */
let network: TcpProxy;
let errors: string[];

beforeAll(async () => {
  [app, browser] = await Promise.all([ProductionApp.build(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await app.close();
});

beforeEach(async () => {
  ({ port, server } = await app.start());
  network = await startTcpProxy({ host: "127.0.0.1", port, protocol: "http" });
  context = await browser.newContext();
  errors = [];
  context.on("weberror", (error) => errors.push(error.error().message));
  page = await context.newPage();
  await page.goto(network.url);
  await page.waitForURL(/\/chat\/[0-9a-f]{16}\./);
});
afterEach(async () => {
  await context.close();
  await network.stop();
  await server.kill();
  expect(errors).toEqual([]);
});

const answerOf = (tab: Page) => tab.locator("li[data-role=assistant]").last();
const textOf = async (tab: Page): Promise<string> => (await answerOf(tab).textContent()) ?? "";
const says = (tab: Page, text: string): Promise<void> =>
  tab.getByRole("status").filter({ hasText: text }).waitFor({ timeout: 20_000 });
const idOf = (): string => new URL(page.url()).pathname.slice("/chat/".length);

async function ask(tab: Page, question: string): Promise<void> {
  await says(tab, "Ready.");
  await tab.getByLabel("Your message").fill(question);
  await tab.getByRole("button", { name: "Send" }).click();
}

/** Until there is more of the answer than there was. */
async function grows(tab: Page): Promise<void> {
  const before = (await answerOf(tab).count()) === 0 ? 0 : (await textOf(tab)).length;
  const length = async (): Promise<number> =>
    (await answerOf(tab).count()) === 0 ? 0 : (await textOf(tab)).length;
  await expect.poll(length, { timeout: 10_000 }).toBeGreaterThan(before + 20);
}

/** How long the answer was whenever the page said that it was ready, from now on. */
async function watchReady(tab: Page): Promise<() => Promise<number[]>> {
  await tab.evaluate(() => {
    const lengths: number[] = [];
    Object.assign(globalThis, { lengths });
    const look = (): void => {
      if (document.querySelector("[role=status]")?.textContent !== "Ready.") return;
      lengths.push([...document.querySelectorAll("li")].at(-1)?.textContent?.length ?? 0);
    };
    new MutationObserver(look).observe(document.querySelector("main")!, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => tab.evaluate(() => (globalThis as unknown as { lengths: number[] }).lengths);
}

/** What the server keeps, and what the page shows of it. */
async function compare(tab: Page): Promise<void> {
  const messages = (await (await context.request.get(`${tab.url()}/messages`)).json()) as Kept[];
  const kept = messages.map(
    ({ parts, metadata }) => parts.map(({ text = "" }) => text).join("") + noteOf(metadata?.end),
  );
  expect(await tab.locator("ol.messages > li").allTextContents()).toEqual(kept);
}
const noteOf = (end: string | undefined): string =>
  end === undefined ? "" : end === "stopped" ? "Stopped here." : "Broken off here.";

test("its types hold, in `.svelte` files too", () => app.checkTypes(), 60_000);

test("a reload in mid-answer loses nothing and shows nothing twice", async () => {
  await ask(page, "Where was <b>Alice</b>?");
  await grows(page);
  await page.reload();
  await says(page, "Answering");
  await grows(page);
  await says(page, "Ready.");
  await compare(page);
  expect((await textOf(page)).length).toBeGreaterThan(200);
  expect(await page.getByText("Where was <b>Alice</b>?").count()).toBe(1);
  expect(server.stdout.filter((line) => line.includes("started"))).toHaveLength(1);
});

test("two tabs follow one answer, and a stop in either ends it in both, and the model's call", async () => {
  await ask(page, "Go on for ever");
  await grows(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await says(second, "Answering");
  await grows(second);
  await second.getByRole("button", { name: "Stop" }).click();
  await Promise.all([says(page, "Stopped."), says(second, "Stopped.")]);
  await server.waitForLine(/^answer 1: model aborted/);
  await Promise.all([compare(page), compare(second)]);
  await second.reload();
  await says(second, "Stopped.");
  await compare(second);
});

test("a message that another tab was quicker than stays in the composer", async () => {
  const second = await context.newPage();
  await second.goto(page.url());
  await says(second, "Ready.");
  await ask(page, "First");
  await grows(page);
  await second.getByLabel("Your message").fill("Second");
  await second.getByRole("button", { name: "Send" }).click();
  await says(second, "Not sent: it is back in the box below.");
  expect(await second.getByLabel("Your message").inputValue()).toBe("Second");
  await grows(second);
  await page.getByRole("button", { name: "Stop" }).click();
  await says(page, "Stopped.");
  await expect.poll(() => second.getByRole("button", { name: "Send" }).isEnabled()).toBe(true);
  await Promise.all([compare(page), compare(second)]);
});

test("a message that did not get through comes back to the composer", async () => {
  await says(page, "Ready.");
  await context.setOffline(true);
  await page.getByLabel("Your message").fill("Are you there?");
  await page.getByRole("button", { name: "Send" }).click();
  await says(page, "Offline.");
  await context.setOffline(false);
  await says(page, "Not sent: it is back in the box below.");
  expect(await page.getByLabel("Your message").inputValue()).toBe("Are you there?");
  expect(await page.locator("li[data-role]").count()).toBe(0);
});

test("a tab that is looked at again shows what another has said", async () => {
  const second = await context.newPage();
  await second.goto(page.url());
  await says(second, "Ready.");
  await ask(page, "First");
  await grows(page);
  await second.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await says(second, "Answering");
  await page.getByRole("button", { name: "Stop" }).click();
  await Promise.all([says(page, "Stopped."), says(second, "Stopped.")]);
  await Promise.all([compare(page), compare(second)]);
});

test("a server that is killed: the page says so, keeps what was there, and goes on", async () => {
  await ask(page, "What did the Rabbit say?");
  await grows(page);
  const readyAt = await watchReady(page);
  await server.kill("SIGKILL");
  const before = await textOf(page);
  await says(page, "The server cannot be reached. Trying again.");
  expect(await textOf(page)).toBe(before);
  ({ server } = await app.start(port));
  await says(page, "Broken off, not finished: producer lost.");
  expect(await readyAt()).toEqual([]);
  expect(await textOf(page)).toContain(before.trim());
  await compare(page);
  await page.reload();
  await says(page, "Broken off, not finished: producer lost.");
  await compare(page);
  expect(await page.locator("li[data-role=user]").allTextContents()).toHaveLength(1);

  await page.getByLabel("Your message").fill("And then?");
  await page.getByRole("button", { name: "Send" }).click();
  await grows(page);
  await page.getByRole("button", { name: "Stop" }).click();
  await says(page, "Stopped.");
  await compare(page);
  expect(await page.locator("ol.messages > li").count()).toBe(4);
});

test.each([
  ["in mid-answer", 1_500],
  ["past the answer's end", 12_000],
])("offline and back %s: the whole answer, once", async (_, offlineMs) => {
  await ask(page, "What is deep?");
  await grows(page);
  const readyAt = await watchReady(page);
  await context.setOffline(true);
  // Chromium alone would go on reading what it reads already.
  network.cut();
  await says(page, "Offline.");
  await (offlineMs < 5_000
    ? page.waitForTimeout(offlineMs)
    : server.waitForLine(/^answer 1: finished/, offlineMs));
  await context.setOffline(false);
  await says(page, "Ready.");
  await compare(page);
  const { length } = await textOf(page);
  expect(length).toBeGreaterThan(200);
  expect(new Set(await readyAt())).toEqual(new Set([length]));
  await server.waitForLine(/^answer 1: finished/);
});

test("somebody else gets 403: for the page, to send, to resume and to stop", async () => {
  await ask(page, "What is mine?");
  await grows(page);
  const other = await browser.newContext();
  try {
    const request = other.request;
    const root = network.url;
    await request.get(root);
    const message = { id: "m", role: "user", parts: [{ type: "text", text: "Hello" }] };
    const data = { id: idOf(), messages: [message] };
    const answers = [
      await request.get(page.url()),
      await request.get(`${page.url()}/messages`),
      await request.post(`${root}/api/chat`, { data }),
      await request.get(`${root}/api/chat/${idOf()}/stream`),
      await request.post(`${root}/api/chat/${idOf()}/stop`, { data: {} }),
    ];
    expect(answers.map((answer) => answer.status())).toEqual([403, 403, 403, 403, 403]);
  } finally {
    await other.close();
  }
  await grows(page);
  expect(await page.getByRole("status").textContent()).toBe("Answering …");
});
