// A producer: stores "token 1", "token 2"… and tells on stdout what becomes of each append.
import { createDurableStream } from "@streambed/core";
import type { StreamStore } from "@streambed/core";
import { RedisStreamStore } from "../src/index.ts";
import { connectClient } from "./support-clients.ts";
import type { ClientKind } from "./support-clients.ts";

export interface ProducerOptions {
  kind: ClientKind;
  url: string;
  prefix: string;
  id: string;
  leaseMs: number;
  /** After this many tokens the model is silent. */
  tokens: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const codeOf = (error: unknown): string => String((error as { code?: string }).code ?? error);

const { kind, url, prefix, id, leaseMs, tokens } = JSON.parse(
  process.env.PRODUCER!,
) as ProducerOptions;
const { client } = await connectClient(kind, url);
const store = new RedisStreamStore(client, { prefix });
let writer: string | undefined;
const watched: StreamStore = {
  create(newId, options) {
    writer = options?.writer;
    return store.create(newId, options);
  },
  async append(...call) {
    try {
      const seq = await store.append(...call);
      say(`stored ${seq}`);
      return seq;
    } catch (error) {
      say(`refused ${codeOf(error)}`);
      throw error;
    }
  },
  readFrom: (...call) => store.readFrom(...call),
  getStatus: (...call) => store.getStatus(...call),
  stop: (...call) => store.stop(...call),
  complete: (...call) => store.complete(...call),
  fail: (...call) => store.fail(...call),
  delete: (...call) => store.delete(...call),
};

// As a model's connection would: no timer of ours, and no idle REST client, keeps a process alive.
setInterval(() => {}, 60_000);
const { finished } = await createDurableStream({
  store: watched,
  id,
  leaseMs,
  source: async function* (signal) {
    signal.addEventListener("abort", () => say("aborted"));
    for (let n = 1; n <= tokens; n++) {
      yield `token ${n}`;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise(() => {});
  },
});
await finished.then(
  (status) => say(`finished ${JSON.stringify(status)}`),
  (error: unknown) => say(`finished ${codeOf(error)}`),
);

// What a producer without our engine would go on to do, with the token that it had.
for (const end of [undefined, "done", { error: "late" }] as const) {
  for (const chunks of [[], ["token 1"]]) {
    await watched.append(id, chunks, { writer, end }).catch(() => {});
  }
}
await store.create(id, { writer: "another" }).catch((error: unknown) => say(codeOf(error)));
say("exhausted");
process.exit();
