import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface CuttingProxyOptions {
  /** Cuts by RST. @default by FIN */
  reset?: boolean | undefined;
  /** Makes the server send a body that ends with the connection, so that a FIN anywhere in it looks like its end. */
  untilClose?: boolean | undefined;
}

export interface CuttingProxy extends AsyncDisposable {
  origin: string;
  /** The first line of each request. */
  requests: string[];
  /** How many bytes each connection was given. */
  given: number[];
  /** How long the head of each response is. */
  heads: number[];
}

/** Stands before a server, and cuts its `n`th connection after the first `budgetOf(n)` bytes of the response. */
export async function cuttingProxy(
  target: string,
  budgetOf: (connection: number) => number,
  { reset = false, untilClose = false }: CuttingProxyOptions = {},
): Promise<CuttingProxy> {
  const { hostname: host, port } = new URL(target);
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const given: number[] = [];
  const heads: number[] = [];
  const server = createServer((client) => {
    const connection = given.push(0) - 1;
    const budget = budgetOf(connection);
    const upstream = connect({ host, port: Number(port), noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("close", () => upstream.destroy());
    client.on("data", (data) => {
      const request = data.toString("latin1");
      if (/^[A-Z]+ .*HTTP/.test(request)) requests.push(request.replace(/ HTTP.*/s, ""));
      upstream.write(untilClose ? request.replace(" HTTP/1.1", " HTTP/1.0") : request, "latin1");
    });
    upstream.on("end", () => client.end());
    upstream.once("data", (data) => heads.push(data.indexOf("\r\n\r\n") + 4));
    let sent = 0;
    upstream.on("data", (data) => {
      const rest = budget - sent;
      sent += Math.min(rest, data.length);
      given[connection] = sent;
      if (data.length < rest) return client.write(data);
      upstream.removeAllListeners("data");
      const cut = (): void => void (reset ? client.resetAndDestroy() : client.end());
      if (rest === 0) cut();
      else client.write(data.subarray(0, rest), cut);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    given,
    heads,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), "close");
    },
  };
}
