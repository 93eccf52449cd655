import { error } from "@sveltejs/kit";
import { loadChat } from "../../../../lib/server/load-chat.ts";
import { isTheirs } from "../../../../lib/server/streambed.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ params: { id }, locals }) => {
  if (!isTheirs(id, locals.visitor)) error(403, "This chat is somebody else's.");
  return Response.json(await loadChat(id), { headers: { "cache-control": "no-store" } });
};
