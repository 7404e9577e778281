import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { probe } from "../../src/disk/probe.ts";

const folder = mkdtempSync(join(tmpdir(), "otel-health-probe-"));
const path = join(folder, "probe");
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => rmSync(path, { recursive: true, force: true }));

describe("probe", () => {
  it("leaves nothing behind, also of one that a crash has left", async () => {
    await probe(path);
    writeFileSync(path, "written and");
    await probe(path);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("has what it writes stored", async () => {
    const handle = await open(folder);
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "sync");
    await handle.close();
    await probe(path);
    expect(sync).toHaveBeenCalledOnce();
    sync.mockRestore();
  });

  it("does not mind others that do the same at the same time", async () => {
    await Promise.all(Array.from({ length: 20 }, () => probe(path)));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves alone what somebody else has there", async () => {
    writeFileSync(path, "an important file, longer than what is written by a probe of the disk");
    await expect(probe(path)).rejects.toMatchObject({ code: "EEXIST" });
    expect(readFileSync(path, "utf8")).toMatch(/^an important file/);
    await expect(probe(folder)).rejects.toMatchObject({ code: "EISDIR" });
    expect(existsSync(folder)).toBe(true);
  });

  it("does not follow a symbolic link", async () => {
    const target = join(folder, "target");
    symlinkSync(target, path);
    await expect(probe(path)).rejects.toMatchObject({ code: "ELOOP" });
    expect(existsSync(target)).toBe(false);
  });
});
