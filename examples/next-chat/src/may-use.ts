import { visitorOf } from "@streambed/example-kit";

/** Whether it is the visitor's own chat. */
export function mayUse(request: Pick<Request, "headers">, chatId: string): boolean {
  const visitor = visitorOf(request);
  return visitor !== undefined && chatId.startsWith(`${visitor}.`);
}
