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

  it.each(["7", "4711\n", "written by hand\n", "written and removed by somebody else !\n", "\0", " written"])(
    "leaves alone what is short and not its own: %j",
    async (theirs) => {
      writeFileSync(path, theirs);
      await expect(probe(path)).rejects.toMatchObject({ code: "EEXIST" });
      expect(readFileSync(path, "utf8")).toBe(theirs);
    },
  );

  it("leaves alone what it cannot read", async () => {
    writeFileSync(path, "7");
    const handle = await open(folder);
    const read = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "read");
    await handle.close();
    read.mockRejectedValueOnce(Object.assign(new Error("i/o error"), { code: "EIO" }));
    await expect(probe(path)).rejects.toMatchObject({ code: "EIO" });
    expect(readFileSync(path, "utf8")).toBe("7");
    read.mockRestore();
  });

  it("removes what it could not store", async () => {
    const handle = await open(folder);
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "sync");
    await handle.close();
    sync.mockRejectedValueOnce(Object.assign(new Error("i/o error"), { code: "EIO" }));
    await expect(probe(path)).rejects.toMatchObject({ code: "EIO" });
    expect(readdirSync(folder)).toEqual([]);
    sync.mockRestore();
  });

  it("does not follow a symbolic link", async () => {
    const target = join(folder, "target");
    symlinkSync(target, path);
    await expect(probe(path)).rejects.toMatchObject({ code: "ELOOP" });
    expect(existsSync(target)).toBe(false);
  });
});
