import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { packed } from "../fixtures/packed.ts";

const run = promisify(execFile);

describe("the tarballs of the packages", () => {
  it("hold what their package.json names, their license and their README, and nothing of their tests", async () => {
    for (const tarball of Object.values(await packed())) {
      const files = (await run("tar", ["-tzf", tarball])).stdout.trim().split("\n");
      const { stdout } = await run("tar", ["-xzOf", tarball, "package/package.json"]);
      const { main, types, exports } = JSON.parse(stdout);
      const named = JSON.stringify([main, types, exports]).match(/(?<=")\.\/[^"]+\.[a-z]+(?=")/g) ?? [];
      expect(named.length).toBeGreaterThan(4);
      expect(files).toEqual(expect.arrayContaining(named.map((file) => file.replace("./", "package/"))));
      expect(files).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md"]));
      expect(files.filter((file) => file.includes("/test/") || file.endsWith(".tsbuildinfo"))).toEqual([]);
    }
  }, 180_000);
});
