import { Chat } from "@ai-sdk/react";
import type { ChatTransport, UIMessage } from "ai";
import { expectTypeOf, test } from "vitest";
import { DurableChatTransport } from "./ai-sdk/index.ts";
import { DurableStream, readStream, startStream, stopStream, StreamClientError } from "./index.ts";
import type {
  DurableState,
  ReaderState,
  StreamClientErrorCode,
  StreamedEvent,
  StreamEnd,
} from "./index.ts";
import { useDurableStream as useInReact } from "./react/use-durable-stream.ts";
import { useDurableStream as useInSvelte } from "./svelte/use-durable-stream.ts";

const url = "/stream";

test("reading", async () => {
  const events = readStream({ url: new URL("https://x/stream/resume?id=a"), after: 3 });
  expectTypeOf(events).toEqualTypeOf<AsyncGenerator<StreamedEvent, StreamEnd, undefined>>();
  for await (const event of readStream({ request: new Request("https://x") })) {
    expectTypeOf(event).toEqualTypeOf<{ seq: number; event: string; data: string }>();
  }
  readStream({ url, headers: { a: "b" }, signal: AbortSignal.timeout(1), fetch });
  readStream({ url, headers: async () => new Headers(), retryDelayMs: (attempt) => attempt });
  // @ts-expect-error nothing to read
  readStream({});
  // @ts-expect-error one of them
  readStream({ url, request: new Request("https://x") });
  // @ts-expect-error a seq
  readStream({ url, after: "3" });
});

test("starting and stopping", async () => {
  const started = await startStream({ url, body: { prompt: "hi" } });
  expectTypeOf(started.id).toEqualTypeOf<string>();
  for await (const { seq } of started) expectTypeOf(seq).toEqualTypeOf<number>();
  expectTypeOf(stopStream({ url, id: started.id })).toEqualTypeOf<Promise<void>>();
  // @ts-expect-error which one
  await stopStream({ url });
});

test("states and errors can be told apart", () => {
  const onState = (state: ReaderState): void => {
    if (state.phase === "reconnecting") expectTypeOf(state.cause).toEqualTypeOf<unknown>();
    if (state.phase !== "ended") return;
    if (state.end === "error")
      expectTypeOf(state.error.code).toEqualTypeOf<StreamClientErrorCode>();
    else expectTypeOf(state.end).toEqualTypeOf<"done" | "stopped">();
  };
  readStream({ url, onState });
  const error: unknown = undefined;
  if (StreamClientError.is(error, "DENIED")) expectTypeOf(error).toEqualTypeOf<StreamClientError>();
});

test("hooks", () => {
  const { text, state, start } = useInReact({ url, storage: sessionStorage, chat: "c" });
  expectTypeOf(text).toEqualTypeOf<string>();
  expectTypeOf(state.phase).toEqualTypeOf<ReaderState["phase"] | "idle">();
  expectTypeOf(start).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(useInSvelte).toEqualTypeOf(useInReact);
  expectTypeOf(new DurableStream({ url }).snapshot.events).toEqualTypeOf<
    readonly StreamedEvent[]
  >();
});

// With AI SDK 6 as well: `tsconfig.ai-6.json`.
test("the transport fits `useChat`, with messages of one's own", () => {
  type Mine = UIMessage<{ at: number }>;
  const mine: ChatTransport<Mine> = new DurableChatTransport<Mine>();
  new Chat<Mine>({ transport: mine });
  new Chat({ transport: new DurableChatTransport({ api: "/chat", storage: localStorage }) });
  new Chat({ transport: new DurableChatTransport({ credentials: "include", stopOnAbort: true }) });
  new DurableChatTransport({
    prepareSendMessagesRequest: ({ id, messages }) => ({ body: { id, message: messages.at(-1) } }),
    onState(state, chatId) {
      expectTypeOf(chatId).toEqualTypeOf<string>();
      expectTypeOf(state).toEqualTypeOf<DurableState>();
    },
  });
  // @ts-expect-error no such option
  new DurableChatTransport({ url });
});
