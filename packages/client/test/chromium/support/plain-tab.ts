import { once } from "node:events";

/** A tab without playwright, for which every tab is visible always. */
export interface PlainTab {
  evaluate<Value>(expression: string): Promise<Value>;
  /** In front of all others, which are then hidden. */
  show(): Promise<void>;
}

interface Reply {
  id: number;
  result?: { result: { value?: unknown }; exceptionDetails?: { text: string } };
}

/** @param port Chromium's `--remote-debugging-port` */
export async function openPlainTab(port: number, url: string): Promise<PlainTab> {
  const chromium = `http://127.0.0.1:${port}/json`;
  const opened = await fetch(`${chromium}/new?${encodeURIComponent(url)}`, { method: "PUT" });
  const target = (await opened.json()) as { id: string; webSocketDebuggerUrl: string };
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, "open");
  let sent = 0;

  return {
    evaluate: <Value>(expression: string) =>
      new Promise<Value>((resolve, reject) => {
        const id = ++sent;
        const listen = ({ data }: MessageEvent<string>): void => {
          const { id: answered, result } = JSON.parse(data) as Reply;
          if (answered !== id) return;
          socket.removeEventListener("message", listen);
          if (result === undefined || result.exceptionDetails) reject(new Error(data));
          else resolve(result.result.value as Value);
        };
        socket.addEventListener("message", listen);
        const params = { expression, awaitPromise: true, returnByValue: true };
        socket.send(JSON.stringify({ id, method: "Runtime.evaluate", params }));
      }),
    async show() {
      await fetch(`${chromium}/activate/${target.id}`);
    },
  };
}
