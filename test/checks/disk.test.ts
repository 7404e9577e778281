import { readdirSync, statfsSync, writeFileSync } from "node:fs";
import { type DiskOptions, disk } from "@otel-health/checks/disk";
import { file } from "@otel-health/checks/file";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { canMount, mountFolder } from "../servers/mounted-folder.ts";

const ask = (check: FunctionCheck) =>
  check.run({ signal: new AbortController().signal, clock: systemClock, timeoutMs: 2_000 });

/** Fails and warns of nothing that is counted. */
const careless: DiskOptions = { warnFreeBytes: 0, failFreeBytes: 0, warnFreeInodeRatio: 0, failFreeInodeRatio: 0 };

describe.skipIf(!canMount())("disk() on a file system of its own", () => {
  it("sees how much is left of it, and leaves nothing there", async () => {
    await using folder = await mountFolder("size=1m,nr_inodes=100");
    const check = disk(folder.path, { probeFile: true });
    expect(await ask(check)).toBeUndefined();
    writeFileSync(`${folder.path}/log`, Buffer.alloc(960 * 1_024));
    expect(await ask(check)).toMatchObject({ status: "warn", message: "64 KiB of 1 MiB are free, 6.3 %" });
    expect(readdirSync(folder.path)).toEqual(["log"]);
    writeFileSync(`${folder.path}/log`, Buffer.alloc(1_000 * 1_024));
    expect(await ask(check)).toMatchObject({ status: "fail", errorType: "out_of_space" });
  });

  it("counts its inodes", async () => {
    await using folder = await mountFolder("size=1m,nr_inodes=40");
    const check = disk(folder.path, { probeFile: true });
    const fill = (left: number) => {
      for (let i = 0; statfsSync(folder.path).ffree > left; i++) writeFileSync(`${folder.path}/${left} ${i}`, "");
    };
    fill(3);
    expect(await ask(check)).toMatchObject({ status: "warn", message: "3 of 40 inodes are free, 7.5 %" });
    fill(1);
    expect(await ask(check)).toMatchObject({ status: "fail", errorType: "out_of_inodes" });
    fill(0);
    expect(await ask(disk(folder.path, { ...careless, probeFile: true }))).toMatchObject({ errorType: "ENOSPC" });
  });

  it("takes one that does not count its inodes as it is", async () => {
    await using folder = await mountFolder("size=1m,nr_inodes=0");
    expect(statfsSync(folder.path).files).toBe(0);
    expect(await ask(disk(folder.path))).toBeUndefined();
  });

  it("notices only by writing that nothing can be written", async () => {
    await using folder = await mountFolder("size=1m");
    const probed = disk(folder.path, { ...careless, probeFile: `${folder.path}/probe` });
    expect(await ask(probed)).toBeUndefined();
    writeFileSync(`${folder.path}/log`, Buffer.alloc(1_024 * 1_024));
    expect(await ask(probed)).toMatchObject({ status: "fail", errorType: "ENOSPC", hint: expect.any(String) });
    expect(readdirSync(folder.path)).toEqual(["log"]);

    await folder.remount("size=2m,ro");
    expect(await ask(disk(folder.path))).toBeUndefined();
    expect(await ask(probed)).toMatchObject({ status: "fail", errorType: "EROFS", fault: "persistent" });
    await folder.remount("rw");
    expect(await ask(probed)).toBeUndefined();
  });

  it("knows a path that is gone", async () => {
    let path = "";
    {
      await using folder = await mountFolder("size=1m");
      path = folder.path;
      writeFileSync(`${path}/feed`, "fresh");
      expect(await ask(disk(path))).toBeUndefined();
      expect(await ask(file(`${path}/feed`, { maxAgeMs: 3_600_000 }))).toBeUndefined();
    }
    expect(await ask(disk(path))).toMatchObject({ status: "fail", errorType: "ENOENT", fault: "persistent" });
    expect(await ask(file(`${path}/feed`))).toMatchObject({ status: "fail", errorType: "ENOENT" });
  });
});
