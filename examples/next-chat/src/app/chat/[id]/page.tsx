import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { loadMessages } from "../../../load-messages.ts";
import { mayUse } from "../../../may-use.ts";
import { Chat } from "./chat.tsx";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!mayUse({ headers: await headers() }, id)) notFound();
  return <Chat key={id} id={id} kept={await loadMessages(id)} />;
}
