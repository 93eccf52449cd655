import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { createStreamHandler } from "@streambed/ai-sdk";
import { toErrorResponse } from "@streambed/core";
import { chooseModel, connectRedis, databaseFile, logAnswers } from "@streambed/example-kit";
import { streambed } from "@streambed/hono";
import { RedisConversationStore, RedisStreamStore } from "@streambed/redis";
import { SqliteConversationStore, SqliteStreamStore } from "@streambed/sqlite";
import { Hono } from "hono";
import { bundlePage } from "./bundle-page.ts";

const DAY_SEC = 24 * 60 * 60;

await start(process.env).catch(giveUp);

async function start(env: NodeJS.ProcessEnv): Promise<void> {
  const port = Number(env.PORT || 8787);
  const model = chooseModel(env);
  const redis = await connectRedis(env);
  const file = databaseFile(env, fileURLToPath(new URL("..", import.meta.url)));
  const script = await bundlePage();

  const store = redis ? new RedisStreamStore(redis) : new SqliteStreamStore(file);
  const conversations = redis
    ? new RedisConversationStore(redis, { ttlSec: DAY_SEC })
    : new SqliteConversationStore(file, { ttlSec: DAY_SEC });
  const handler = createStreamHandler({
    model: logAnswers(model.model),
    store,
    conversation: { store: conversations, maxMessages: 20 },
    leaseMs: Number(env.LEASE_MS || 5_000),
    ttlSec: DAY_SEC,
  });

  const app = new Hono();
  app.use(streambed(handler));
  app.get("/conversation/:id", async (c) => {
    const history = await conversations.load(c.req.param("id"));
    const nodes = history.nodeIds.map((id) => history.get(id)!);
    return c.json(nodes.map(({ message, metadata }) => ({ ...metadata, ...message })));
  });
  app.onError((error) => toErrorResponse(error));
  app.get("/page.js", (c) => c.body(script, 200, { "content-type": "text/javascript" }));
  app.use(serveStatic({ root: fileURLToPath(new URL("page", import.meta.url)) }));

  const hostname = env.HOST || "127.0.0.1";
  const server = serve({ fetch: app.fetch, port, hostname }, (address) => {
    console.log(`Streambed demo: http://localhost:${address.port}`);
    console.log(
      `Store: ${redis ? "Redis" : `SQLite, ${relative("", file)}`}. Model: ${model.name}.`,
    );
  });
  server.on("error", (error: NodeJS.ErrnoException) => {
    const taken = error.code === "EADDRINUSE";
    giveUp(taken ? `Port ${port} is taken: set PORT to a free one.` : error);
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
}

function giveUp(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(1);
}
