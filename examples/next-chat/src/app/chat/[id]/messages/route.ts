import { loadMessages } from "../../../../load-messages.ts";
import { mayUse } from "../../../../may-use.ts";

/** What is kept of the chat, for a page that has missed something. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const { id } = await params;
  if (!mayUse(request, id)) return Response.json({ error: "forbidden" }, { status: 403 });
  return Response.json(await loadMessages(id));
}
