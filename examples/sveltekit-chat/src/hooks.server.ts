import { randomUUID } from "node:crypto";
import { visitorOf } from "@streambed/example-kit";
import { sequence } from "@sveltejs/kit/hooks";
import type { Handle } from "@sveltejs/kit/hooks";
import { chat } from "./lib/server/streambed.ts";

/** Stands in for a login. */
const visitor: Handle = ({ event, resolve }) => {
  let id = event.cookies.get("visitor");
  if (id === undefined) {
    id = randomUUID();
    // Served over plain http, as it is here, a browser would not keep a secure one.
    event.cookies.set("visitor", id, { path: "/", maxAge: 30 * 24 * 60 * 60, secure: false });
  }
  const headers = new Headers({ cookie: `visitor=${id}` });
  event.locals.visitor = visitorOf({ headers }) ?? "";
  return resolve(event);
};

export const handle = sequence(visitor, chat);
