import { createHook } from "node:async_hooks";
import { getHeapSnapshot } from "node:v8";
import type { Redis } from "ioredis";

/** Timers of this process that are running, those too that would not keep it alive. */
export class RunningTimers {
  readonly #timers: Set<number> = new Set();

  constructor() {
    createHook({
      init: (asyncId, type) => {
        if (type === "Timeout") this.#timers.add(asyncId);
      },
      destroy: (asyncId) => this.#timers.delete(asyncId),
    }).enable();
  }

  get count(): number {
    return this.#timers.size;
  }
}

/** Listeners that anybody has put on a client. */
export function listenersOf(client: Redis): number {
  return client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0);
}

/** Channels and patterns that somebody is subscribed to on the server. */
export async function subscriptionsOn(client: Redis): Promise<number> {
  const channels = (await client.pubsub("CHANNELS")) as string[];
  return channels.length + Number(await client.pubsub("NUMPAT"));
}

interface HeapSnapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
  strings: string[];
}

/** How many strings of the heap match: what a forgotten map entry, listener or closure holds on to. */
export async function countHeldStrings(pattern: RegExp): Promise<number> {
  // JavaScript keeps the last string that a regular expression matched: let that be this one.
  /\bid\b/.test("no id");
  let json = "";
  for await (const part of getHeapSnapshot().setEncoding("utf8")) json += part as string;
  const { snapshot, nodes, strings } = JSON.parse(json) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const isString = types[0].map((type) => type.endsWith("string"));
  const [typeAt, nameAt] = [fields.indexOf("type"), fields.indexOf("name")];
  let count = 0;
  for (let at = 0; at < nodes.length; at += fields.length) {
    if (isString[nodes[at + typeAt]!]! && pattern.test(strings[nodes[at + nameAt]!]!)) count++;
  }
  return count;
}
