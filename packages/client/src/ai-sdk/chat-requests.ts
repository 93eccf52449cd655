import { HEADER_LAST_EVENT_ID } from "@streambed/core/codec";
import { HttpChatTransport } from "ai";
import type { ChatTransport, HttpChatTransportInitOptions, UIMessage, UIMessageChunk } from "ai";
import { checkStatus, checkStream } from "../reading/check-response.ts";

export type SendOptions<M extends UIMessage> = Parameters<ChatTransport<M>["sendMessages"]>[0];
export type ResumeOptions = Parameters<ChatTransport<UIMessage>["reconnectToStream"]>[0];

/** What to read: of which stream, if that is known, and behind what, if not from the beginning. */
export interface Position {
  streamId: string | undefined;
  seq: number | undefined;
}

type Send = (url: string, init: RequestInit) => Promise<Response>;

/** The requests of AI SDK's own transport, with all that can be set of them, and their plain responses. */
export class ChatRequests<M extends UIMessage> {
  readonly #options: HttpChatTransportInitOptions<M>;

  constructor(options: HttpChatTransportInitOptions<M>) {
    this.#options = options;
  }

  /** @throws what AI SDK's transport throws if it is refused; StreamClientError if the answer is no stream */
  async send(options: SendOptions<M>): Promise<Response> {
    const response = await this.#exchange((requests) => requests.sendMessages(options));
    return checkStream(response, false);
  }

  /** @throws StreamClientError, or an error of `tryAgain`; with status 204 if there is nothing to resume */
  async resume(
    options: ResumeOptions,
    { streamId, seq }: Position,
    wasStream: boolean,
  ): Promise<Response> {
    return this.#exchange(
      (requests) => requests.reconnectToStream(options),
      async (url, init, send) => {
        const headers = new Headers(init.headers);
        if (seq !== undefined) headers.set(HEADER_LAST_EVENT_ID, String(seq));
        const target = streamId === undefined ? url : withStreamId(url, streamId);
        return checkStream(await send(target, { ...init, headers, cache: "no-store" }), wasStream);
      },
    );
  }

  /** Where streams are resumed, with `stop` for `stream`. @throws StreamClientError, or an error of `tryAgain` */
  async stop(
    chatId: string,
    streamId: string | undefined,
    abortSignal: AbortSignal,
  ): Promise<Response> {
    return this.#exchange(
      (requests) => requests.reconnectToStream({ chatId, abortSignal }),
      async (url, init, send) => {
        const headers = new Headers(init.headers);
        headers.set("content-type", "application/json");
        const body = JSON.stringify({ streamId });
        const stop = { ...init, method: "POST", headers, body, keepalive: true };
        return checkStatus(await send(url.replace(/\/stream(?=[?#]|$)/, "/stop"), stop));
      },
    );
  }

  async #exchange(
    ask: (requests: HttpChatTransport<M>) => Promise<unknown>,
    change: (url: string, init: RequestInit, send: Send) => Promise<Response> = (url, init, send) =>
      send(url, init),
  ): Promise<Response> {
    let response: Response | undefined;
    const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
      response = await change(String(url), init, this.#options.fetch ?? globalThis.fetch);
      return response;
    };
    await ask(new PlainRequests<M>({ ...this.#options, fetch }));
    return response!;
  }
}

/** Leaves it to others what a response means. */
class PlainRequests<M extends UIMessage> extends HttpChatTransport<M> {
  protected override processResponseStream(body: ReadableStream): ReadableStream<UIMessageChunk> {
    return body as ReadableStream<UIMessageChunk>;
  }
}

function withStreamId(url: string, id: string): string {
  const [target = ""] = url.split("#", 1);
  return `${target}${target.includes("?") ? "&" : "?"}streamId=${encodeURIComponent(id)}`;
}
