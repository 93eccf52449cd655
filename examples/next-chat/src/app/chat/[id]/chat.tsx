"use client";

import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import type { Message } from "../../../load-messages.ts";
import { tell } from "./tell.ts";
import { textOf, useDurableChat } from "./use-durable-chat.ts";

/** No answer that is not whole looks as if it were. */
const MARKS = { stopped: "stopped", error: "broken\u00a0off" };

export function Chat({ id, kept }: { id: string; kept: Message[] }): ReactNode {
  const [draft, setDraft] = useState("");
  const [notice, setNotice] = useState("");
  const chat = useDurableChat(id, kept, (question) => {
    setDraft((written) => written || question);
    setNotice("Not sent: it is back in the box below.");
  });
  const { messages, isAnswering, isBusy } = chat;
  const told = tell(chat);

  function send(): void {
    setDraft("");
    setNotice("");
    void chat.sendMessage({ text: draft });
  }

  function stop(): void {
    chat.stop().catch(() => setNotice("It could not be stopped."));
  }

  useEffect(() => {
    window.scrollTo(0, document.documentElement.scrollHeight);
  }, []);
  // Whoever reads the end goes on reading the end.
  useEffect(() => {
    const { scrollHeight } = document.documentElement;
    if (scrollHeight - window.scrollY - window.innerHeight < 160) window.scrollTo(0, scrollHeight);
  }, [messages]);

  return (
    <main className="chat">
      <header>
        <h1>Streambed on Next.js</h1>
        <p>Ask something, then try to break it.</p>
        <a href="/">New chat</a>
      </header>
      <ol className="messages">
        {messages.length === 0 && (
          <li className="empty">
            While an answer grows: reload, open this link in a second tab, go offline, kill the
            server.
          </li>
        )}
        {messages.map((message) => (
          <li key={message.id} data-role={message.role}>
            {textOf(message)}
            {message.metadata?.brokenOff && (
              <small> [{MARKS[message.metadata.brokenOff.state]}]</small>
            )}
          </li>
        ))}
      </ol>
      <p role="status" data-tone={told.tone}>
        {notice && `${notice} `}
        {told.text}
      </p>
      <form
        className="composer"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && draft.trim() !== "") send();
        }}
      >
        <input
          aria-label="Your message"
          placeholder="Your message"
          autoComplete="off"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit" disabled={isBusy || draft.trim() === ""}>
          Send
        </button>
        <button type="button" className="stop" disabled={!isAnswering} onClick={stop}>
          Stop
        </button>
      </form>
    </main>
  );
}
