// A process of its own, for the tests: does what its parent says. See peer.ts.
import { writeSync } from "node:fs";
import type { StreamError } from "@streambed/core/contracts";
import { SqliteActiveStreams, SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import type { FromPeer, ToPeer } from "./peer.ts";

const [path = ""] = process.argv.slice(2);
let store: SqliteStreamStore | undefined;
let pointers: SqliteActiveStreams | undefined;
let conversations: SqliteConversationStore | undefined;

process.on("message", (message: ToPeer) => void obey(message));
tell({ kind: "started" });

async function obey({ call, key, args }: ToPeer): Promise<void> {
  try {
    const value = await run(call, key, args);
    tell({ kind: "settled", key, value });
  } catch (error) {
    const { code, message } = error as StreamError;
    tell({ kind: "settled", key, error: { code, message } });
  }
}

async function run(call: ToPeer["call"], key: number, args: unknown[]): Promise<unknown> {
  // Nothing but what the store has set up may keep the process from now on.
  if (call === "release") {
    process.disconnect();
    return undefined;
  }
  if (call === "openAt") return openAt(args as [number, string]);
  if (call === "setActive") {
    pointers ??= new SqliteActiveStreams(path);
    return pointers.set(...(args as [string, string]));
  }
  if (call === "say") return say(args as [string, string, number]);
  store ??= new SqliteStreamStore(path);
  if (call === "read") return read(store, key, args as [string, number]);
  if (call === "hammer") return hammer(store, args as [string]);
  const method = store[call] as (...args: unknown[]) => Promise<unknown>;
  return method.apply(store, args);
}

/** Adds so many messages to a conversation, one after the other. */
async function say([id, content, times]: [string, string, number]): Promise<void> {
  conversations ??= new SqliteConversationStore(path);
  for (let n = 0; n < times; n++) {
    await conversations.update(id, (history) => history.append({ role: "user", content }));
  }
}

/** Opens another file at a moment that several processes have agreed on, to the millisecond. */
async function openAt([time, other]: [number, string]): Promise<void> {
  while (Date.now() < time);
  const opened = new SqliteStreamStore(other);
  await opened.create(`by-${process.pid}`);
  opened.close();
}

async function read(
  from: SqliteStreamStore,
  key: number,
  args: [string, number],
): Promise<unknown> {
  const reader = from.readFrom(...args);
  for (;;) {
    const step = await reader.next();
    if (step.done) return step.value;
    tell({ kind: "chunk", key, chunk: step.value });
  }
}

/** Appends without pause, and says at once, past every buffer, what was acknowledged. */
async function hammer(on: SqliteStreamStore, [id]: [string]): Promise<never> {
  for (let n = 1; ; n += 3) {
    const batch = [n, n + 1, n + 2].map((seq) => `${seq}:${"x".repeat(seq % 997)}`);
    writeSync(1, `${await on.append(id, batch)}\n`);
  }
}

function tell(message: FromPeer): void {
  if (process.connected) process.send?.(message);
}
