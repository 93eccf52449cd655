import { readPages } from "./page.ts";
import type { Problem } from "./problem.ts";
import { checkLinks } from "./prose-links.ts";
import { checkPackageNames, checkScripts } from "./prose-names.ts";
import { checkPaths } from "./prose-paths.ts";

/** Every path, link, package and script that the Markdown names exists. */
export function checkProse(root: string): Problem[] {
  return readPages(root).flatMap((page) => [
    ...checkLinks(page),
    ...checkPaths(page),
    ...checkPackageNames(page),
    ...checkScripts(page),
  ]);
}
