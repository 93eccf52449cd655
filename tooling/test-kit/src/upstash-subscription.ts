import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type Address, RespConnection } from "./resp-connection.ts";
import type { RespValue } from "./resp-parser.ts";

/** Answers with server-sent events, `data: kind,channel,payload`, for as long as both sides stay. */
export async function serveSubscription(
  redis: Address,
  command: readonly string[],
  response: ServerResponse,
): Promise<void> {
  await using connection = await RespConnection.open(redis);
  const write = (message: RespValue): void => {
    if (Array.isArray(message)) response.write(`data: ${message.map(String).join(",")}\n\n`);
  };
  connection.onMessage = write;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  write(await connection.command(...command));
  await Promise.race([once(response, "close"), connection.closed]);
  response.end();
}
