import type { Problem } from "./problem.ts";
import { commandsOf, type Page } from "./page.ts";

/** Every @streambed/name is a package of the workspace, every @streambed/name/entry one of its exports. */
export function checkPackageNames({ file, source, members }: Page): Problem[] {
  return source.split("\n").flatMap((text, index) =>
    [...text.matchAll(/@streambed\/[a-z0-9-]+(\/[a-z0-9-]+)*/g)].flatMap(([name]) => {
      const [scope, short, ...entry] = name.split("/");
      const member = members.find(({ manifest }) => manifest?.name === `${scope}/${short}`);
      const place = { file, line: index + 1 };
      if (member === undefined) return [{ ...place, message: `there is no package ${name}` }];
      const exported =
        entry.length === 0 || `./${entry.join("/")}` in (member.manifest?.exports ?? {});
      return exported ? [] : [{ ...place, message: `${name} is not exported` }];
    }),
  );
}

/** What pnpm itself understands, and is no script. */
const COMMANDS = new Set(
  "add approve-builds audit config create dedupe deploy dlx exec help i import info init install link list login ls outdated pack patch prune publish rebuild remove root run setup store unlink up update view why".split(
    " ",
  ),
);
const PNPM = /\bpnpm(?:@[\w.]+)?((?:\s+-\S+|\s+--filter[ =]\S+)*)\s+(?:run\s+)?([a-z][\w:-]*)/g;

/** Every `pnpm x` is a script of the root, of the package that the page belongs to, or of --filter's. */
export function checkScripts(page: Page): Problem[] {
  return commandsOf(page).flatMap(({ text, line }) =>
    [...text.matchAll(PNPM)]
      .map(([, flags = "", script = ""]) => ({ flags, script }))
      .filter(({ script }) => !COMMANDS.has(script))
      .filter(({ flags, script }) => !hasScript(page, flags, script))
      .map(({ script }) => ({ file: page.file, line, message: `there is no script ${script}` })),
  );
}

function hasScript(
  { members, member, rootManifest }: Page,
  flags: string,
  script: string,
): boolean {
  const filter = /--filter[ =](\S+)/.exec(flags)?.[1];
  const named = members.find(({ manifest }) => manifest?.name === filter);
  const manifests = filter === undefined ? [rootManifest, member?.manifest] : [named?.manifest];
  return manifests.some((manifest) => script in (manifest?.scripts ?? {}));
}
