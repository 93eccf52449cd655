import { launchChromium } from "@streambed/test-kit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerServer } from "./support/answer-server.ts";
import type { AnswerServer } from "./support/answer-server.ts";
import { bundle } from "./support/bundle.ts";

const HTML = '<!doctype html><div id="app"></div><script type="module" src="/page.js"></script>';
const WORDS = Array.from({ length: 24 }, (_, i) => `word${i} `);

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

/** Two dozen words in a second. */
async function* answer(body: unknown, signal: AbortSignal): AsyncGenerator<string> {
  yield `${(body as { prompt: string }).prompt}: `;
  for (const word of WORDS) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    signal.throwIfAborted();
    yield word;
  }
}

describe.each(["react-page.tsx", "svelte-page.ts"])("%s", (entry) => {
  let server: AnswerServer;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    const code = await bundle(new URL(`fixture/${entry}`, import.meta.url));
    server = await answerServer({ answer, pages: { "/": HTML, "/page.js": code } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const press = (name: string): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click();
  const text = (): Promise<string> => page.locator("#text").innerText();
  const becomes = (state: string): Promise<void> =>
    page.locator("#state", { hasText: new RegExp(`^${state}$`) }).waitFor({ timeout: 10_000 });
  const growsPast = (length: number): Promise<void> =>
    expect.poll(async () => (await text()).length, { timeout: 5_000 }).toBeGreaterThan(length);
  const whole = (prompt: string): string => `${prompt}: ${WORDS.join("")}`.trim();

  async function open(): Promise<void> {
    page = await browser.newPage();
    page.on("pageerror", (error) => failures.push(error.message));
    await page.goto(server.origin);
    await becomes("idle");
  }

  test("shows an answer as it grows, through a reload, and forgets it when it has ended", async () => {
    await open();
    await press("Start");
    await becomes("streaming");
    await growsPast(20);
    await page.reload();
    await becomes("streaming");
    await growsPast(30);
    await becomes("ended done");
    expect(await text()).toBe(whole("one"));
    await page.reload();
    await becomes("idle");
    expect(await text()).toBe("");
    await page.close();
  });

  test("stops for everybody, and goes on where it was when its component comes back", async () => {
    await open();
    await press("Start");
    await growsPast(20);
    await press("Show none");
    await press("Show one");
    await becomes("streaming");
    await growsPast(30);
    await press("Stop");
    await becomes("ended stopped");
    const shown = await text();
    expect(whole("one").startsWith(shown)).toBe(true);
    expect(shown.length).toBeLessThan(whole("one").length);
    await page.close();
  });

  test("another chat is another answer", async () => {
    await open();
    await press("Start");
    await growsPast(10);
    await press("Show two");
    await becomes("idle");
    await press("Start");
    await growsPast(10);
    expect(await text()).toMatch(/^two: word0/);
    await press("Show one");
    await becomes("ended done");
    expect(await text()).toBe(whole("one"));
    expect(failures).toEqual([]);
    await page.close();
  });
});
