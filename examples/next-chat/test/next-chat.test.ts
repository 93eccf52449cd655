import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, launchChromium, startTcpProxy } from "@streambed/test-kit";
import type { NodeProcess, TcpProxy } from "@streambed/test-kit";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { buildApp, startApp } from "./next-app.ts";

const QUESTION = "What is <b>there</b>?";

let folder: string;
let database: string;
let port: number;
let app: NodeProcess;
/** The network between the browser and the server. */
let network: TcpProxy;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What went wrong in pages. */
const pageErrors: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "next-chat-"));
  browser = await launchChromium();
  await buildApp();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  pageErrors.length = 0;
  port = await freePort();
  database = join(folder, `${port}.db`);
  app = await startApp(port, database);
  network = await startTcpProxy({ host: "127.0.0.1", port, protocol: "http" });
  context = await browser.newContext({ baseURL: network.url });
  context.on("weberror", (error) => void pageErrors.push(error.error()));
  page = await context.newPage();
  await page.goto("/");
  await send(page, QUESTION);
  await growsPast(page, 20);
});
afterEach(async () => {
  await context.close();
  await network.stop();
  await app.kill();
  expect(pageErrors).toEqual([]);
});

async function send(tab: Page, text: string): Promise<void> {
  await tab.getByLabel("Your message").fill(text);
  await tab.getByRole("button", { name: "Send" }).click();
}
const answerOf = (tab: Page): Promise<string> =>
  tab
    .locator("[data-role=assistant]")
    .last()
    .evaluate(({ firstChild }) => firstChild?.textContent ?? "");
const growsPast = (tab: Page, length: number): Promise<void> =>
  expect.poll(async () => (await answerOf(tab)).length, { timeout: 5_000 }).toBeGreaterThan(length);
const says = (tab: Page, text: string, timeout = 15_000): Promise<void> =>
  tab.getByRole("status").filter({ hasText: text }).waitFor({ timeout });

/** Chromium alone would go on reading what it reads already. */
async function goOffline(): Promise<void> {
  await context.setOffline(true);
  network.cut();
}

/** What the server keeps of the page's chat: who said what. */
async function kept(): Promise<string[][]> {
  const response = await page.request.get(`${page.url()}/messages`);
  const messages = (await response.json()) as { role: string; parts: { text?: string }[] }[];
  return messages.map(({ role, parts }) => [role, parts.map(({ text }) => text ?? "").join("")]);
}
const shown = (tab: Page): Promise<string[][]> =>
  tab
    .locator("[data-role]")
    .evaluateAll((items) =>
      items.map((item) => [
        item.getAttribute("data-role") ?? "",
        item.firstChild?.textContent ?? "",
      ]),
    );

/** An answer is kept a moment after its end has been told. */
const showsWhatIsKept = (tab: Page): Promise<void> =>
  vi.waitFor(async () => expect(await shown(tab)).toEqual(await kept()), 5_000);

test("an answer completes after a reload, and no text comes twice", async () => {
  await page.reload();
  await says(page, "Answering");
  await growsPast(page, (await answerOf(page)).length);
  await says(page, "Ready.");
  await showsWhatIsKept(page);
  expect((await answerOf(page)).length).toBeGreaterThan(200);
  expect(await shown(page)).toEqual([
    ["user", QUESTION],
    ["assistant", await answerOf(page)],
  ]);
});

test("two tabs follow one answer, and a stop in one ends it in both", async () => {
  const second = await context.newPage();
  await second.goto(page.url());
  await says(second, "Answering");
  await growsPast(second, (await answerOf(page)).length);
  await second.getByRole("button", { name: "Stop" }).click();
  await Promise.all([says(page, "Stopped.", 3_000), says(second, "Stopped.", 3_000)]);
  await app.waitForLine(/^answer 1: model aborted/);
  await showsWhatIsKept(page);
  await showsWhatIsKept(second);
  expect(await page.getByText("[stopped]").count()).toBe(1);
});

test("a killed server leaves an answer that says that it was broken off", async () => {
  await app.kill("SIGKILL");
  await says(page, "The server cannot be reached.");
  const before = await answerOf(page);
  app = await startApp(port, database);
  await says(page, "Broken off, not finished: producer lost.");
  await page.getByText("[broken off]").waitFor();
  await showsWhatIsKept(page);
  expect(await answerOf(page)).toContain(before);

  await page.reload();
  await says(page, "Broken off, not finished: producer lost.");
  await showsWhatIsKept(page);
  await send(page, "And now?");
  await says(page, "Answering");
  await says(page, "Ready.");
  const roles = (await shown(page)).map(([role]) => role);
  expect(roles).toEqual(["user", "assistant", "user", "assistant"]);
  await showsWhatIsKept(page);
});

test("an answer is whole, and there once, after the network was gone", async () => {
  await goOffline();
  await says(page, "Offline.");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await context.setOffline(false);
  await says(page, "Answering");
  await says(page, "Ready.");
  await showsWhatIsKept(page);
  expect(app.stdout).toContainEqual(expect.stringMatching(/^answer 1: finished/));
});

test("an answer that ends while the network is gone is there when it is back", async () => {
  await goOffline();
  await says(page, "Offline.");
  await app.waitForLine(/^answer 1: finished/, 15_000);
  await context.setOffline(false);
  await says(page, "Ready.");
  expect(await shown(page)).toHaveLength(2);
  await showsWhatIsKept(page);
});

test("a message that comes while an answer is under way stays in the box", async () => {
  const second = await context.newPage();
  await second.route("**/stream", (route) => route.fulfill({ status: 204 }));
  await Promise.all([second.waitForResponse("**/messages"), second.goto(page.url())]);
  await second.unroute("**/stream");
  await send(second, "Too early");
  await says(second, "Answering");
  expect(await second.getByLabel("Your message").inputValue()).toBe("Too early");
  await says(second, "Not sent: it is back in the box below.");
  await showsWhatIsKept(second);
});

test("a message that did not get through comes back to its box", async () => {
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("[stopped]").waitFor();
  await goOffline();
  await send(page, "Are you there?");
  await says(page, "Offline.");
  await context.setOffline(false);
  await says(page, "Not sent: it is back in the box below.");
  expect(await page.getByLabel("Your message").inputValue()).toBe("Are you there?");
  await showsWhatIsKept(page);
});

test("a tab that is looked at again shows what another has said", async () => {
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("[stopped]").waitFor();
  const second = await context.newPage();
  await second.goto(page.url());
  await send(second, "And then?");
  await growsPast(second, 20);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await says(page, "Answering");
  await second.getByRole("button", { name: "Stop" }).click();
  await says(page, "Stopped.");
  expect(await shown(page)).toHaveLength(4);
  await showsWhatIsKept(page);
});

test("a chat is nobody else's", async () => {
  const id = page.url().split("/").at(-1);
  const stranger = await browser.newContext({ baseURL: network.url });
  await stranger.request.get("/");
  const parts = [{ type: "text", text: "Let me in" }];
  const data = { id, messages: [{ id: "1", role: "user", parts }] };
  const answers = await Promise.all([
    stranger.request.post("/api/chat", { data }),
    stranger.request.get(`/api/chat/${id}/stream`),
    stranger.request.post(`/api/chat/${id}/stop`),
    stranger.request.get(`/chat/${id}/messages`),
    stranger.request.get(`/chat/${id}`),
  ]);
  expect(answers.map((answer) => answer.status())).toEqual([403, 403, 403, 403, 404]);
  await stranger.close();
  await growsPast(page, (await answerOf(page)).length + 20);
  expect(await kept()).toEqual([["user", QUESTION]]);
});
