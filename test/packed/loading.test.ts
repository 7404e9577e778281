import { join } from "node:path";
import { entryModules, publishedPackages } from "@otel-health/build";
import { beforeAll, describe, expect, it } from "vitest";
import { consumer, entryPoints, play } from "./consumer.ts";
import { absent, binaryOf, nodeDependencies, nodes } from "./nodes.ts";

let folder = "";
beforeAll(async () => {
  folder = await consumer("loading", nodeDependencies);
}, 180_000);

/** The names that the sources export, by entry point. */
async function exportedNames(): Promise<{ readonly [entryPoint: string]: readonly string[] }> {
  const names: { [entryPoint: string]: readonly string[] } = {};
  for (const { folder, manifest } of publishedPackages()) {
    for (const [subpath, module] of entryModules(manifest))
      names[join(manifest.name, subpath)] = Object.keys(await import(join(folder, `src/${module}.ts`))).sort();
  }
  return names;
}

describe.each(nodes)("the packages as they are published, on Node %s", (node) => {
  const run = it.skipIf(absent(node));

  run.each([
    ["import", "load.mjs"],
    ["require", "load.cjs"],
  ])("load by %s without a warning, make a service, and let the process end", async (_, file) => {
    const { names, answers, lines } = JSON.parse(await play(folder, binaryOf(node, folder), file, ...entryPoints));
    expect(names).toEqual(await exportedNames());
    expect(answers).toEqual([
      [503, "unhealthy"],
      [503, "unhealthy"],
    ]);
    expect(lines).toEqual(["startup is healthy", "queue is unhealthy"]);
  });

  run.each([
    ["import", "watch.mjs"],
    ["require", "watch-required.cjs"],
  ])("serve probes from a thread of the same build while the event loop is blocked: %s", async (_, file) => {
    expect(await play(folder, binaryOf(node, folder), file)).toBe("degraded\n");
  });

  run(
    "take what the other build of them makes: checks, clocks, outcomes, health objects, servers, errors",
    async () => {
      expect(await play(folder, binaryOf(node, folder), "copies.mjs")).toBe("they get on");
    },
  );

  run("forget requests of a connection that breaks, those that wait behind others too", async () => {
    const told = await play(folder, binaryOf(node, folder), "pipelined.mjs");
    expect(told).toBe("too little traffic to judge: 0 requests in 60 s\n");
  });

  run("are tested by node --test", async () => {
    expect(await play(folder, binaryOf(node, folder), "--test", "runner.test.mjs")).toMatch(/^# pass 2$|ℹ pass 2\b/m);
  });
});
