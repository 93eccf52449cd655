import type { ConversationStore } from "@streambed/core/conversation";
import { describeCases } from "../suite/describe-cases.ts";
import { ConversationContext } from "./conversation-context.ts";
import type { ConversationStoreCase } from "./conversation-context.ts";
import { conversationStoreCases } from "./conversation-store-cases.ts";
import type { ConversationStoreHarness } from "./harness.ts";

/** Holds a store to every promise of the contract of conversations. */
export function conversationStoreConformance<S extends ConversationStore>(
  name: string,
  harness: ConversationStoreHarness<S>,
): void {
  describeCases(name, conversationStoreCases, harness, (one) =>
    runConversationStoreCase(one, harness),
  );
}

/** Runs one case on stores of its own. Rejects if the promise is broken. */
export async function runConversationStoreCase<S extends ConversationStore>(
  one: ConversationStoreCase,
  harness: ConversationStoreHarness<S>,
): Promise<void> {
  const context = new ConversationContext(harness);
  try {
    await one.run(context);
  } finally {
    await context.close();
  }
}
