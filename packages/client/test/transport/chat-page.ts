import type { Chat, UIMessage } from "@ai-sdk/react";
import type { RequestHandler } from "@streambed/core";
import { createChatHandler } from "@streambed/ai-sdk";
import type { ChatHandlerOptions, Generate } from "@streambed/ai-sdk";
import { MemoryActiveStreams, MemoryStreamStore } from "@streambed/memory";
import { DurableChatTransport } from "../../src/ai-sdk/index.ts";
import type { DurableChatTransportOptions } from "../../src/ai-sdk/index.ts";
import type { DurableState, StreamStorage } from "../../src/index.ts";

export type AnyChat = typeof Chat<UIMessage>;
type ChatInit = ConstructorParameters<AnyChat>[0];

/** What the network does to a request, before the server has it. */
export type Uplink = (request: Request) => Request | Promise<Request>;
/** What the network does to a response. */
export type Network = (response: Response, request: Request) => Response | Promise<Response>;

export interface ChatServer {
  handler: RequestHandler;
  store: MemoryStreamStore;
  active: MemoryActiveStreams;
}

export function chatServer(generate: Generate, more: Partial<ChatHandlerOptions> = {}): ChatServer {
  const store = new MemoryStreamStore();
  const active = new MemoryActiveStreams();
  const options = { store, active, authorize: () => true, generate, ...more };
  return { handler: createChatHandler(options as ChatHandlerOptions), store, active };
}

export interface ChatPage {
  chat: InstanceType<AnyChat>;
  transport: DurableChatTransport;
  /** `METHOD /path?query last-event-id` of each request. */
  requests: string[];
  /** What was sent along with each. */
  bodies: unknown[];
  /** What each heeded. */
  signals: AbortSignal[];
  states: string[];
  finished: { isAbort: boolean; isError: boolean; finishReason?: string | undefined }[];
}

/** A page with a chat that talks to this server, over a network that may change what comes. */
export function openPage(
  AnyChat: AnyChat,
  { handler }: ChatServer,
  {
    uplink = (request) => request,
    network = (response) => response,
    ...init
  }: Partial<DurableChatTransportOptions> & {
    uplink?: Uplink;
    network?: Network;
    chat?: Partial<ChatInit>;
  } = {},
): ChatPage {
  const requests: string[] = [];
  const bodies: unknown[] = [];
  const signals: AbortSignal[] = [];
  const states: string[] = [];
  const finished: ChatPage["finished"] = [];
  const transport = new DurableChatTransport({
    retryDelayMs: () => 0,
    onState: (state) => void states.push(nameOf(state)),
    ...init,
    async fetch(input, options) {
      const request = new Request(new URL(String(input), "http://app.test"), options);
      const { pathname, search } = new URL(request.url);
      const cursor = request.headers.get("last-event-id");
      requests.push(`${request.method} ${pathname}${search}${cursor === null ? "" : ` ${cursor}`}`);
      bodies.push(options?.body);
      signals.push(options!.signal!);
      const arriving = await uplink(request);
      request.signal.throwIfAborted();
      return heed(request.signal, await network(await handler(arriving), request));
    },
  });
  const chat = new AnyChat({
    id: "c1",
    transport,
    onFinish: (event) => void finished.push(event),
    ...init.chat,
  });
  return { chat, transport, requests, bodies, signals, states, finished };
}

function nameOf(state: DurableState): string {
  return state.phase === "ended" ? `ended ${state.end}` : state.phase;
}

/** A response of a request that may be aborted. */
function heed(signal: AbortSignal, response: Response): Response {
  if (response.body === null) return response;
  const through = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => signal.addEventListener("abort", () => controller.error(signal.reason)),
  });
  return new Response(response.body.pipeThrough(through), response);
}

/** Lets `length` bytes of a body through; what comes then is a polite end, or an error. */
export function cutAfter(response: Response, length: number, how: "end" | "error"): Response {
  let left = length;
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      controller.enqueue(bytes.subarray(0, left));
      left -= bytes.length;
      if (left > 0) return;
      if (how === "end") controller.terminate();
      else controller.error(new TypeError("network error"));
    },
  });
  return new Response(response.body!.pipeThrough(through), response);
}

/** A page's `sessionStorage`. */
export class Storage implements StreamStorage {
  readonly items: Map<string, string> = new Map();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

/** `type state: text` of each part of the last answer; steps are left out. */
export function partsOf(chat: InstanceType<AnyChat>): string[] {
  const { lastMessage } = chat;
  return (lastMessage?.role === "assistant" ? lastMessage.parts : [])
    .filter((part) => part.type !== "step-start")
    .map((part) => {
      const state = "state" in part ? ` ${part.state}` : "";
      return `${part.type}${state}${"text" in part ? `: ${part.text}` : ""}`;
    });
}
