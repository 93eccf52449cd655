// What runs in the browser: the client, and what a test wants to know of it.
import { DurableStream, startStream } from "../../../src/index.ts";
import type { ReaderState, StreamedEvent } from "../../../src/index.ts";
import type { Question } from "./site.ts";

/** One of the client's states, or something that happened to the page: `online`, `pageshow true`. */
export interface Entry {
  at: number;
  what: string;
}

const storage = new URLSearchParams(location.search).has("forbidden")
  ? forbidden()
  : sessionStorage;

/** The answer that this page reads. */
class Lab {
  readonly log: Entry[] = [];
  readonly seqs: number[] = [];
  text = "";
  end = "";

  note(what: string): void {
    this.log.push({ at: Date.now(), what });
  }

  /** Resolves when the answer has begun. @param retryMs before it reads on, if nothing happens before */
  async ask(body: Question, retryMs: number, url = "/stream"): Promise<void> {
    const onState = ({ phase }: ReaderState): void => this.note(phase);
    const retryDelayMs = (): number => retryMs;
    void this.#read(await startStream({ url, body, retryDelayMs, onState }));
  }

  async #read(events: AsyncGenerator<StreamedEvent, { state: string }>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await events.next();
        if (done) return void (this.end = value.state);
        this.seqs.push(value.seq);
        this.text += value.data;
      }
    } catch (error) {
      this.end = String(error);
    }
  }
}

/** The chats of a page that keeps nothing: what they had begun, they go on with by themselves. */
const chats = new Map(
  new URLSearchParams(location.search).getAll("chat").map((name) => {
    const stream = new DurableStream({ url: "/stream", storage, chat: name });
    void stream.resume();
    return [name, stream];
  }),
);

/** What a browser makes of storage that its user does not allow. */
function forbidden(): Storage {
  return new Proxy(sessionStorage, {
    get() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    },
  });
}

declare global {
  var lab: Lab;
  var chat: (name: string) => DurableStream;
}

globalThis.lab = new Lab();
globalThis.chat = (name) => {
  const found = chats.get(name);
  if (found === undefined) throw new Error(`no chat ${name}`);
  return found;
};
// Noted before the client hears of it, which listens from when it reads.
for (const type of ["online", "pageshow", "pagehide"]) {
  addEventListener(type, (event) => {
    const { persisted = "" } = event as Partial<PageTransitionEvent>;
    lab.note(`${type} ${persisted}`.trim());
  });
}
document.addEventListener("visibilitychange", () => lab.note(document.visibilityState));
