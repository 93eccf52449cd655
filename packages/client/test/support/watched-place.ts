import { getEventListeners } from "node:events";
import { expect } from "vitest";
import { openPage } from "./page.ts";
import { rawServer } from "./raw-server.ts";
import type { Script } from "./raw-server.ts";
import { watchTimers } from "./timers.ts";

/** A server, a signal, and what tells whether anything of a reader is left. */
export async function watchedPlace(...scripts: Script[]) {
  const page = openPage();
  const timers = watchTimers();
  const server = await rawServer(...scripts);
  const leaving = new AbortController();
  const { signal } = leaving;
  const reason = new Error("left");
  const leave = (): void => leaving.abort(reason);
  async function expectNothingLeft(): Promise<void> {
    expect(timers()).toEqual([]);
    expect(page.listeners()).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await expect.poll(() => server.sockets.size).toBe(0);
  }
  /** Reads on and on. */
  const options = { url: server.url, signal, retryDelayMs: () => 60_000 };
  return { server, page, timers, signal, reason, leave, options, expectNothingLeft };
}

export async function readAll(reader: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of reader);
}
