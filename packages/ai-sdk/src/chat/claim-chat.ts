import { StreamError } from "@streambed/core";
import type { ActiveStreams, StreamStore } from "@streambed/core";

export interface Claim {
  active: ActiveStreams;
  store: StreamStore;
  /** What to do with an answer that is under way. */
  whenBusy: "refuse" | "take over";
  /** Called with a stream that has ended, or is gone, before its place is taken. */
  settle: (chatId: string, streamId: string) => Promise<void>;
}

/**
 * Makes `streamId`, which must exist by now, the stream that answers the chat. Resolves to whether it is:
 * another answer may be under way.
 */
export async function claimChat(
  { active, store, whenBusy, settle }: Claim,
  chatId: string,
  streamId: string,
): Promise<boolean> {
  let instead: string | undefined;
  for (;;) {
    const standing = await active.set(chatId, streamId, { instead });
    if (standing === streamId) return true;
    const status = await store.getStatus(standing);
    if (status?.state === "active") {
      if (whenBusy === "refuse") return false;
      await store.stop(standing).catch(unlessGone);
    }
    await settle(chatId, standing);
    // Settled means cleared, as a rule; what stands in the way by name counts just as well.
    instead = standing;
  }
}

function unlessGone(error: unknown): void {
  if (!StreamError.is(error, "NOT_FOUND")) throw error;
}
