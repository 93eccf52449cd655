import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { LeakWatch } from "../src/stream-store/leak-watch.ts";

it("does not count the timer of a connection that fetch keeps open", async () => {
  const server = createServer((_, response) => response.end("x")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  using watch = new LeakWatch();
  await watch.run(async () => (await fetch(`http://127.0.0.1:${port}`)).text());
  // Node sets it once the connection has nothing to do.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(watch.timers).toEqual([]);
  server.close();
  server.closeAllConnections();
});
