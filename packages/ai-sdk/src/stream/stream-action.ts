import type { SentMessage } from "./sent-message.ts";

/** What a request to `createStreamHandler` wants to do. */
export type StreamAction =
  | (Starting & { type: "start" })
  | (Starting & {
      type: "structured";
      /** JSON Schema of what is asked for. */
      schema?: Record<string, unknown> | undefined;
    })
  | (Begun & {
      type: "chat";
      messages: SentMessage[];
      toolset?: string | undefined;
      maxSteps?: number | undefined;
    })
  | (Asking & { type: "compact"; messages: SentMessage[]; sessionId?: string | undefined })
  | (Asking & { type: "complete"; input: string })
  | (Asking & { type: "title"; messages: SentMessage[] })
  | { type: "resume"; id: string }
  | { type: "stop"; id: string };

/** Asks a model. */
interface Asking {
  /** The key in `models`; `default` where there is a single `model`. */
  model: string;
  system?: string | undefined;
}

/** Begins a stream. */
interface Begun extends Asking {
  /** The id that the stream will have: the place to note whose it is. */
  id: string;
}

interface Starting extends Begun {
  prompt: string;
  sessionId?: string | undefined;
}
