import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { complaint, run } from "../repository.ts";
import type { Tally } from "../tally.ts";
import { buildPackages, checkTarball, packPackages } from "./pack.ts";
import type { Packed } from "./pack.ts";
import { checkConsumerTypes, createConsumer, importEntries, runSmoke } from "./consumer.ts";
import { findNodes } from "./nodes.ts";

/** Tests what users get: packs every package, and uses the tarballs from a folder outside of the repository. */
export async function runDist(tally: Tally): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "streambed-dist-"));
  try {
    if (!(await tally.step("build", buildPackages))) return;
    const packing = packPackages(work);
    if (!(await tally.step("pack", async () => complaint((await packing).result)))) return;
    const { packages } = await packing;
    // Two at a time: each is a program of one thread. Nothing is timed here.
    const waiting = packages.values();
    await Promise.all([checkPacked(tally, waiting), checkPacked(tally, waiting)]);
    const consumer = createConsumer(work, packages);
    for (const { version, binary } of findNodes()) {
      if (binary === undefined) {
        tally.skip(`entries on Node ${version}`, "no binary for this platform");
        continue;
      }
      await tally.step(`entries on Node ${version}`, () =>
        importEntries(consumer, version, binary),
      );
      await tally.step(`a stream on Node ${version}`, () => runSmoke(consumer, binary));
    }
    for (const resolution of ["NodeNext", "Bundler"] as const) {
      await tally.step(`types, resolved as ${resolution}`, () =>
        checkConsumerTypes(consumer, resolution),
      );
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function checkPacked(tally: Tally, packages: Iterable<Packed>): Promise<void> {
  for (const packed of packages) {
    await tally.step(`${packed.name}: what is in it`, () => checkTarball(packed));
    await tally.step(`${packed.name}: publint`, async () =>
      complaint(await run("publint", ["--strict", packed.tarball])),
    );
    const attw = ["--profile", "esm-only", "--no-definitely-typed", "--format", "ascii"];
    await tally.step(`${packed.name}: attw`, async () =>
      complaint(await run("attw", [...attw, packed.tarball])),
    );
  }
}
