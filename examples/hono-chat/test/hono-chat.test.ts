import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSse, SseDecoder } from "@streambed/core/codec";
import type { DecodedSseEvent } from "@streambed/core/codec";
import { freePort, launchChromium, spawnNode, startTcpProxy } from "@streambed/test-kit";
import type { NodeProcess } from "@streambed/test-kit";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

const MAIN = new URL("../src/main.ts", import.meta.url);

let folder: string;
let port: number;
let url: string;
let demo: NodeProcess;

async function startDemo(): Promise<NodeProcess> {
  const env = {
    PORT: String(port),
    DATABASE_FILE: join(folder, "streams.db"),
    LEASE_MS: "1500",
    HOST: undefined,
    REDIS_URL: undefined,
    OPENAI_API_KEY: undefined,
  };
  const started = await spawnNode(MAIN, { env });
  await started.waitForLine(/http:/);
  return started;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hono-chat-"));
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
  demo = await startDemo();
});

afterEach(async () => {
  await demo.kill();
  await rm(folder, { recursive: true });
});

function post(path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

const ask = (prompt: string): Promise<Response> => post("/__streambed__/stream", { prompt });
const stop = (id: string | null): Promise<Response> => post("/__streambed__/stream/stop", { id });
const resume = (id: string | null, after = 0): Promise<Response> =>
  fetch(`${url}/__streambed__/stream/resume?id=${id}&after=${after}`);

async function* eventsOf(response: Response): AsyncGenerator<DecodedSseEvent> {
  const decoder = new SseDecoder();
  const text = new TextDecoder();
  for await (const bytes of response.body!)
    yield* decoder.decode(text.decode(bytes, { stream: true }));
}

/** All events, or those up to a seq. */
async function allOf(response: Response, until?: string): Promise<DecodedSseEvent[]> {
  const events: DecodedSseEvent[] = [];
  for await (const event of eventsOf(response)) {
    events.push(event);
    if (event.lastEventId === until) break;
  }
  return events;
}

async function textOf(response: Response): Promise<string> {
  const text = (await allOf(response)).filter(({ event }) => event === "");
  return text.map(({ data }) => data).join("");
}

describe("the server", () => {
  test("streams an answer, and resumes it from any seq", async () => {
    const response = await ask("What is at the bottom?");
    const events = await allOf(response);
    const chunks = events.filter(({ event }) => event === "" || event === "usage");
    expect(events.at(-1)?.event).toBe("done");
    expect(chunks.map((chunk) => Number(chunk.lastEventId))).toEqual(chunks.map((_, i) => i + 1));

    const seq = chunks.length - 5;
    const rest = await allOf(await resume(response.headers.get("x-stream-id"), seq));
    expect(rest.slice(1)).toEqual([...chunks.slice(-5), events.at(-1)]);
    expect(demo.stdout).toContainEqual(expect.stringMatching(/^answer 1: finished, \d+ pieces/));
  });

  test("stops an answer, and the model with it", async () => {
    const response = await ask("Go on for ever");
    const names: string[] = [];
    for await (const { event, lastEventId } of eventsOf(response)) {
      names.push(event);
      if (lastEventId === "5") await stop(response.headers.get("x-stream-id"));
    }
    expect(names.slice(-2)).toEqual(["stopped", "done"]);
    await demo.waitForLine(/^answer 1: model aborted/);
  });

  test("says plainly that its port is taken", async () => {
    await using second = await spawnNode(MAIN, {
      env: { PORT: String(port), DATABASE_FILE: join(folder, "second.db") },
    });
    expect(await second.exited).toMatchObject({ code: 1 });
    expect(second.stderr).toEqual([`Port ${port} is taken: set PORT to a free one.`]);
  });
});

describe("the page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(url);
    await page.getByLabel("Your question").fill("What is <b>there</b>?");
    await page.getByRole("button", { name: "Ask" }).click();
    await growsPast(page, 0);
  });
  afterEach(() => context.close());

  const seqOf = async (tab: Page): Promise<number> =>
    Number((await tab.locator("#seq").innerText()).replace("seq ", ""));
  const growsPast = (tab: Page, seq: number): Promise<void> =>
    expect.poll(() => seqOf(tab), { timeout: 5_000 }).toBeGreaterThan(seq + 5);
  const says = (tab: Page, text: string, timeout = 15_000): Promise<void> =>
    tab.locator("#status", { hasText: text }).waitFor({ timeout });
  const stored = async (): Promise<string> => textOf(await resume(idOf(page)));
  const idOf = (tab: Page): string => new URL(tab.url()).searchParams.get("id") ?? "";
  const shown = (tab: Page): Promise<string | null> => tab.locator("#answer").textContent();

  test("goes on after a reload and a dropped connection, and a second tab follows", async () => {
    await page.reload();
    await says(page, "Live.");
    await growsPast(page, await seqOf(page));
    const second = await context.newPage();
    await second.goto(page.url());
    await says(second, "Live.");
    await growsPast(second, await seqOf(page));

    await page.getByRole("button", { name: "Drop" }).click();
    await says(page, "You dropped the connection.");
    await Promise.all([says(page, "Done."), says(second, "Done.")]);
    const whole = await stored();
    expect(whole.length).toBeGreaterThan(200);
    expect([await shown(page), await shown(second)]).toEqual([whole, whole]);
    expect(await page.getByRole("heading", { name: "What is <b>there</b>?" }).count()).toBe(1);
  });

  test("does not take a connection that closes without `done` for the end", async () => {
    const cut = await allOf(await resume(idOf(page)), "3");
    const headers = { "content-type": "text/event-stream", "x-stream-id": idOf(page) };
    const body = cut.map(({ lastEventId, ...event }) => encodeSse({ id: lastEventId, ...event }));
    const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
    await page.route("**/resume?**", (route) => seen.then(() => route.continue()), { times: 1 });
    // The route that was given last is asked first.
    await page.route("**/resume?**", (route) => route.fulfill({ headers, body: body.join("") }), {
      times: 1,
    });
    await page.reload();
    await says(page, "The connection was cut. Trying again, from seq 3 on.");
    goOn();
    await says(page, "Done.");
    expect(await shown(page)).toBe(await stored());
  });

  test("shows in every tab that one of them has stopped the answer", async () => {
    const second = await context.newPage();
    await second.goto(page.url());
    await says(second, "Live.");
    await second.getByRole("button", { name: "Stop" }).click();
    await Promise.all([says(page, "Stopped.", 1_500), says(second, "Stopped.", 1_500)]);
    expect(await shown(page)).toBe(await stored());
    await demo.waitForLine(/model aborted/);
  });

  test("reads on after a while without a network", async () => {
    await using proxy = await startTcpProxy({ host: "127.0.0.1", port, protocol: "http" });
    await page.goto(page.url().replace(`:${port}`, `:${proxy.port}`));
    await says(page, "Live.");
    // Being offline stops what is new in Chromium; a network that is gone stops what was open as well.
    await context.setOffline(true);
    proxy.cut();
    await says(page, "Trying again");
    const before = await seqOf(page);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await seqOf(page)).toBe(before);
    await context.setOffline(false);
    await says(page, "Done.");
    expect(await shown(page)).toBe(await stored());
  });

  test("goes on in one conversation, which a reload shows", async () => {
    await page.getByRole("button", { name: "Stop" }).click();
    await says(page, "Stopped.");
    const first = await shown(page);
    await page.getByLabel("Your question").fill("And then?");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("heading", { name: "And then?" }).waitFor();
    await growsPast(page, 0);
    await page.reload();
    await says(page, "Live.");
    const earlier = page.locator("#earlier li");
    await expect.poll(() => earlier.allInnerTexts()).toHaveLength(2);
    expect(await earlier.allTextContents()).toEqual(["What is <b>there</b>?", first]);
  });

  test("keeps what was stored when the server is killed, and says that the producer was lost", async () => {
    await demo.kill("SIGKILL");
    await says(page, "The server cannot be reached.");
    const kept = await shown(page);
    demo = await startDemo();
    await says(page, "Broken off, not finished: producer lost.");
    expect(await page.locator("#stream").innerText()).toBe("error: producer lost");
    expect(await shown(page)).toBe(await stored());
    expect(await shown(page)).toContain(kept);
  });

  test("says so when there is no such answer", async () => {
    await page.goto(`${url}/?id=unheard-of`);
    await says(page, "There is no such answer");
  });
});
