import { error } from "@sveltejs/kit";
import { loadChat } from "../../../lib/server/load-chat.ts";
import { isTheirs } from "../../../lib/server/streambed.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params: { id }, locals }) => {
  if (!isTheirs(id, locals.visitor)) error(403, "This chat is somebody else's.");
  return { id, kept: await loadChat(id) };
};
