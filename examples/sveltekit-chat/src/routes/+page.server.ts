import { randomUUID } from "node:crypto";
import { redirect } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ locals }) => {
  redirect(307, `/chat/${locals.visitor}.${randomUUID()}`);
};
