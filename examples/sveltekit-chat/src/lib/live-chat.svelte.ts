import { Chat } from "@ai-sdk/svelte";
import type { UIMessage } from "@ai-sdk/svelte";
import type { KeptChat } from "./kept-chat.ts";
import { Pause } from "./pause.ts";
import { reasonOf } from "./reason-of.ts";

interface Finish {
  /** The model's own. Without one, the answer was cut off. */
  finishReason?: string | undefined;
}

interface Asked {
  id: string;
  text: string;
  error?: Error | undefined;
}

const NOT_STOPPED = "Stop did not get through. Try again.";

/**
 * AI SDK's `Chat`, which does not rest before it knows how an answer ended: whatever ends otherwise than with the
 * model's own `finish` is asked of the server again, until that has said what there is.
 */
export class LiveChat {
  readonly chat: Chat;
  ends: KeptChat["ends"] = $state({});
  /** Whether there may be more than is on the page. It is asked, or read, what there is. */
  isReading = $state(true);
  /** What is to be said next. A message that was not taken comes back to it. */
  draft = $state("");
  /** Why it came back. */
  refusal: string | undefined = $state();
  /** Why that takes so long. It tries again. */
  doubt: string | undefined = $state();

  /** How `Chat` has read to an end; nothing if there was nothing to read. */
  #finish: Finish | undefined;
  #asked: Asked | undefined;
  #reading: Promise<void> | undefined;
  #interrupted = false;
  #left = false;
  readonly #pause = new Pause();

  constructor(id: string, { messages, ends }: KeptChat) {
    this.ends = ends;
    this.chat = new Chat({ id, messages, onFinish: (finish) => (this.#finish = finish) });
  }

  get messages(): UIMessage[] {
    return this.chat.messages;
  }

  get isAnswering(): boolean {
    return this.chat.status === "submitted" || this.chat.status === "streaming";
  }

  async send(): Promise<void> {
    const text = this.draft.trim();
    if (text === "" || this.isReading) return;
    const asked: Asked = { id: this.chat.generateId(), text };
    this.#asked = asked;
    this.draft = "";
    this.refusal = undefined;
    await this.#read(async () => {
      const parts = [{ type: "text" as const, text }];
      await this.chat.sendMessage({ id: asked.id, role: "user", parts });
      asked.error = this.chat.error;
    });
    this.#asked = undefined;
  }

  /** Reads the answer that is under way, if one is. */
  follow(): Promise<void> {
    return this.#read(() => this.chat.resumeStream());
  }

  /** The same, after what was said meanwhile. */
  catchUp(): Promise<void> {
    return this.#read(async () => {
      await this.#reload("keep what is being written");
      await this.chat.resumeStream();
    });
  }

  /** The same, on a new connection: the old one may be dead without anybody knowing it. */
  async reconnect(): Promise<void> {
    if (this.#reading === undefined) return this.catchUp();
    this.#interrupted = true;
    this.#pause.end();
    await this.chat.stop();
  }

  /** Ends the answer for everybody. Whoever reads it comes to its end. */
  async stop(): Promise<void> {
    const url = `/api/chat/${encodeURIComponent(this.chat.id)}/stop`;
    // Without a type it would count as a form, whose origin SvelteKit checks.
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: "{}" }).catch(() => null);
    this.refusal = response?.ok ? undefined : NOT_STOPPED;
  }

  leave(): void {
    this.#left = true;
    this.#pause.end();
    void this.chat.stop();
  }

  #read(start: () => Promise<void>): Promise<void> {
    this.isReading = true;
    this.#reading ??= this.#readToTheEnd(start).finally(() => {
      this.#reading = undefined;
      this.isReading = this.#left;
      this.doubt = undefined;
      if (this.refusal === NOT_STOPPED) this.refusal = undefined;
    });
    return this.#reading;
  }

  async #readToTheEnd(start: () => Promise<void>): Promise<void> {
    let isKnown = await this.#knowsEnd(start);
    for (let pauseMs = 100; !isKnown && !this.#left; pauseMs = Math.min(2 * pauseMs, 4_000)) {
      const error = this.chat.error;
      const isKept = await this.#reload("keep what is being written");
      isKnown = isKept && (await this.#knowsEnd(() => this.chat.resumeStream()));
      // It may answer a message that this page has not seen, or took for refused.
      if (isKnown) return void (await this.#reload("keep what is being written"));
      this.doubt = `${isKept && error ? reasonOf(error) : "The server cannot be reached"}. Trying again.`;
      await this.#pause.take(pauseMs);
    }
  }

  /** Whether it is known, after this, that there is no more to come. */
  async #knowsEnd(read: () => Promise<void>): Promise<boolean> {
    this.#finish = undefined;
    this.#interrupted = false;
    await read();
    this.doubt = undefined;
    const finish = this.#finish as Finish | undefined;
    if (finish !== undefined) return finish.finishReason !== undefined;
    return this.chat.status === "ready" && !this.#interrupted && this.#reload();
  }

  /** Shows what the server keeps; an answer it keeps when it has ended. */
  async #reload(mode?: "keep what is being written"): Promise<boolean> {
    const url = `/chat/${encodeURIComponent(this.chat.id)}/messages`;
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(url, { signal }).catch(() => null);
    const kept = response?.ok ? await response.json().catch(() => null) : null;
    if (kept === null) return false;
    const { messages, ends } = kept as KeptChat;
    const [question, answer] = this.messages.slice(-2);
    const isWritten = answer?.role === "assistant" && messages.at(-1)?.id === question?.id;
    if (!messages.some(({ id }) => id === this.#asked?.id)) this.#giveBack();
    this.chat.messages = mode && isWritten ? [...messages, answer] : messages;
    this.ends = ends;
    return true;
  }

  /** The server has not taken the message. */
  #giveBack(): void {
    if (this.#asked === undefined) return;
    this.draft ||= this.#asked.text;
    this.refusal = `Not sent: ${reasonOf(this.#asked.error)}.`;
    this.#asked = undefined;
  }
}
