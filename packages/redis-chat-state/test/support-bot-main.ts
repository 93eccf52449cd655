// A process with bots of the real Chat SDK, one for each key prefix: made, sent to and let go on over HTTP. What
// they do goes to a journal in Redis, which has one order for all processes and outlives them.
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { createIoRedisState as createPublishedIoRedisState } from "@chat-adapter/state-ioredis";
import { createRedisState as createPublishedRedisState } from "@chat-adapter/state-redis";
import { RespConnection } from "@streambed/test-kit";
import { Chat } from "chat";
import type { ChatConfig, Logger, MentionHandler, StateAdapter } from "chat";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { createIoRedisState, createRedisState } from "../src/index.ts";
import type { QueueFormat } from "../src/index.ts";
import { journalKey } from "./support-journal.ts";
import type { JournalEvent, StateKind } from "./support-journal.ts";
import { PlatformAdapter } from "./support-platform.ts";
import type { PlatformMessage } from "./support-platform.ts";

export interface BotOptions {
  state: StateKind;
  concurrency: NonNullable<ChatConfig["concurrency"]>;
  queueFormat?: QueueFormat;
}

interface Bot {
  receive(body: string): Promise<void>;
  openGate(): void;
}

const url = process.env.BOTS_REDIS_URL!;
const clients = { redis: createClient({ url }), ioredis: new Redis(url) };
await clients.redis.connect();
const { hostname, port } = new URL(url);
const journal = await RespConnection.open({ host: hostname, port: Number(port || 6379) });
const bots = new Map<string, Bot>();

const server = createServer((request, response) => {
  answer(request).then(
    () => response.end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
// A connection that is closed at the moment when it is used again would be an error of nobody's.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});

/** PUT makes a bot, POST gives it a message and answers when all is done for it, DELETE opens its gate. */
async function answer(request: IncomingMessage): Promise<void> {
  const prefix = decodeURIComponent(request.url!.slice(1));
  const body = await text(request);
  if (request.method === "PUT") bots.set(prefix, makeBot(prefix, JSON.parse(body) as BotOptions));
  if (request.method === "POST") await bots.get(prefix)!.receive(body);
  if (request.method === "DELETE") bots.get(prefix)!.openGate();
}

function makeState(keyPrefix: string, { state, queueFormat }: BotOptions): StateAdapter {
  switch (state) {
    case "node-redis":
      return createRedisState({ client: clients.redis, keyPrefix, queueFormat });
    case "ioredis":
      return createIoRedisState({ client: clients.ioredis, keyPrefix, queueFormat });
    case "published state-redis":
      return createPublishedRedisState({ url, keyPrefix });
    case "published state-ioredis":
      // It brings a `chat` of its own, of another version: classes with private members are never of the same type.
      return createPublishedIoRedisState({ url, keyPrefix }) as unknown as StateAdapter;
  }
}

function makeBot(prefix: string, options: BotOptions): Bot {
  const note = async (event: Omit<JournalEvent, "by">): Promise<void> => {
    const line: JournalEvent = { by: options.state, ...event };
    await journal.command("RPUSH", journalKey(prefix), JSON.stringify(line));
  };
  const gate = Promise.withResolvers<void>();
  const chat = new Chat<{ platform: PlatformAdapter }, { handled: number }>({
    userName: "bot",
    adapters: { platform: new PlatformAdapter() },
    state: makeState(prefix, options),
    concurrency: options.concurrency,
    logger: logTo((what, details) => {
      const { messageId, droppedId, threadId } = details;
      void note({ what, id: (messageId ?? droppedId)!, threadId: threadId! });
    }),
  });
  const handler =
    (isFirst: boolean): MentionHandler<{ handled: number }> =>
    async (thread, { id, raw }, context) => {
      const { threadId, ms } = raw as PlatformMessage;
      const skipped = context?.skipped.map((message) => message.id);
      const total = context?.totalSinceLastHandler;
      await note({ what: "started", id, threadId, skipped, total, isFirst });
      // Read, waited, written: only a lock makes these counts come out right.
      const handled = (await thread.state)?.handled ?? 0;
      await (ms === "gate" ? gate.promise : sleep(ms));
      await thread.setState({ handled: handled + 1 });
      if (isFirst) await thread.subscribe();
      await note({ what: "ended", id, threadId });
    };
  chat.onNewMention(handler(true));
  chat.onSubscribedMessage(handler(false));
  return {
    openGate: () => gate.resolve(),
    async receive(body) {
      const { id, threadId } = JSON.parse(body) as PlatformMessage;
      await note({ what: "received", id, threadId });
      const tasks: Promise<unknown>[] = [];
      const error = await chat.webhooks
        .platform(new Request("http://bot.test", { method: "POST", body }), {
          waitUntil: (task) => void tasks.push(task),
          propagateHandlerErrors: true,
        })
        .then(() => Promise.all(tasks))
        .then(
          () => undefined,
          (reason: unknown) => (reason as { code?: string }).code ?? String(reason),
        );
      await note({ what: "answered", id, threadId, error });
    },
  };
}

/** What the Chat SDK logs of single messages; what goes wrong is told by their outcome. */
function logTo(
  onMessage: (what: `message-${string}`, details: Record<string, string | undefined>) => void,
): Logger {
  const silent = (): void => {};
  const logger: Logger = {
    ...{ child: () => logger, debug: silent, warn: silent, error: silent },
    info(what, details) {
      if (what.startsWith("message-")) {
        onMessage(what as `message-${string}`, details as Record<string, string | undefined>);
      }
    },
  };
  return logger;
}
