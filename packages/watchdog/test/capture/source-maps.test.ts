import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { FakeClock } from "@otel-health/core/testing";
import type { OutputOptions } from "rolldown";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Frame } from "../../src/capture/frame.ts";
import { mapFrames } from "../../src/capture/source-maps.ts";
import { readStack, stackNow } from "../../src/capture/stack-probe.ts";
import { bundle, sources } from "./bundle.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "source maps-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs a bundle by Node alone, and has its stack. */
const runner = `
  import { runInThisContext } from "node:vm";
  const [bundle, expression] = process.argv.slice(1);
  const { handle } = await import(bundle);
  let seen;
  handle({ lines: [1, 2] }, () => { seen = runInThisContext(expression); return ""; });
  console.log(JSON.stringify(seen));
`;

function framesIn(file: string): readonly Frame[] {
  const args = ["--input-type=module", "-e", runner, pathToFileURL(file).href, stackNow];
  const { frames } = readStack(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }))) ?? {};
  return frames?.filter((frame) => frame.file === file) ?? [];
}

/** Where a text stands in one of the sources. */
function placeOf(file: string, text: string): { line: number; column: number } {
  const lines = sources[file]?.split("\n") ?? [];
  const line = lines.findIndex((each) => each.includes(text));
  return { line: line + 1, column: (lines[line]?.indexOf(text) ?? -1) + 1 };
}

const expected = (folder: string) => [
  { functionName: "sumOf", file: join(folder, "src/price.ts"), ...placeOf("src/price.ts", "look()") },
  { functionName: "priceOf", file: join(folder, "src/price.ts"), ...placeOf("src/price.ts", "sumOf(lines, look)}") },
  { file: join(folder, "src/main.ts"), ...placeOf("src/main.ts", "priceOf(order.lines") },
];

/** A script of one line and its map, which says that all of it is line 3, column 5 of `src/a.ts`. */
const map = { version: 3, sources: ["../src/a.ts"], names: [], mappings: "AAEI" };

function write(folder: string, files: { readonly [file: string]: string | Buffer }): Frame {
  mkdirSync(join(folder, "dist"), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, "dist", file), content);
  return { functionName: "f", file: join(folder, "dist/a.js"), line: 1, column: 8 };
}

const script = (url: string) => `run();\n//# sourceMappingURL=${url}\n`;
const inline = (value: unknown) =>
  script(`data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(value)).toString("base64")}`);

describe("mapFrames()", () => {
  it.each<[string, OutputOptions]>([
    ["a bundle and a map beside it", { sourcemap: true }],
    ["a bundle that holds its map", { sourcemap: "inline" }],
    ["a minified bundle", { sourcemap: true, minify: true }],
    ["a minified bundle that holds its map", { sourcemap: "inline", minify: true }],
  ])("names the sources of %s", async (_, options) => {
    const folder = temporaryFolder();
    const frames = framesIn(await bundle(folder, options));
    expect(frames).toHaveLength(3);
    expect(await mapFrames(frames)).toMatchObject(expected(folder));
  });

  it("names sources by the root of their map, and leaves the URLs of a bundler alone", async () => {
    const folder = temporaryFolder();
    const mapped = async (value: object) => {
      const [frame] = await mapFrames([write(folder, { "a.js": inline({ ...map, ...value }) })]);
      return frame?.file;
    };
    expect(await mapped({})).toBe(join(folder, "src/a.ts"));
    expect(await mapped({ sourceRoot: "/work", sources: ["a.ts"] })).toBe("/work/a.ts");
    expect(await mapped({ sourceRoot: "lib/", sources: ["a.ts"] })).toBe(join(folder, "dist/lib/a.ts"));
    expect(await mapped({ sources: ["webpack://orders/./src/a.ts"] })).toBe("webpack://orders/./src/a.ts");
    expect(await mapped({ sources: ["file:///work/src/[id]%20a.ts"] })).toBe("/work/src/[id] a.ts");
    expect(await mapped({ sources: ["pages/[id]?#.ts"] })).toBe(join(folder, "dist/pages/[id]?#.ts"));
  });

  it("reads a map that is made of others", async () => {
    const folder = temporaryFolder();
    // From the second column of the part on.
    const part = (line: number, column: number, source: string) => {
      return { offset: { line, column }, map: { ...map, sources: [source], mappings: "CAEI" } };
    };
    const sections = { version: 3, sections: [part(0, 0, "a.ts"), part(0, 7, "b.ts"), part(2, 2, "c.ts")] };
    const frame = write(folder, { "a.js": inline(sections) });
    const at = (line: number, column: number) => ({ ...frame, line, column });
    const asked = [at(1, 1), at(1, 2), at(1, 7), at(1, 8), at(1, 9), at(3, 3), at(3, 4), at(4, 2)];
    const files = (await mapFrames(asked)).map(({ file = "" }) => basename(file));
    // What comes before the first mapping of a part has none: the part before is over.
    expect(files).toEqual(["a.js", "a.ts", "a.ts", "a.js", "b.ts", "a.js", "c.ts", "a.js"]);
  });

  it("takes the last of the comments, and finds a map by a name that is written as a URL", async () => {
    const folder = temporaryFolder();
    const text = `const s = "sourceMappingURL=c.map";\n//# sourceMappingURL=b.map\n//@ sourceMappingURL=a%20b.map?v=1\n`;
    const frame = write(folder, { "a.js": text, "a b.map": `)]}'\n${JSON.stringify(map)}` });
    expect(await mapFrames([frame])).toMatchObject([{ file: join(folder, "src/a.ts"), line: 3, column: 5 }]);
  });

  const cases: readonly (readonly [string, { readonly [file: string]: string | Buffer }])[] = [
    ["names no map", { "a.js": "run();" }],
    ["is not there", {}],
    ["is empty", { "a.js": "" }],
    ["names a map that is not there", { "a.js": script("a.js.map") }],
    ["names one on the network", { "a.js": script("http://127.0.0.1:9/a.js.map") }],
    ["names one of another host", { "a.js": script("//host/a.js.map") }],
    ["names what is no URL", { "a.js": script("http://[") }],
    ["names a URL without an end", { "a.js": script("x".repeat(10_000)) }],
    ["names a folder", { "a.js": script(".") }],
    ["names a device", { "a.js": script("/dev/zero") }],
    ["names a file of the kernel", { "a.js": script("/proc/self/pagemap") }],
    ["has a map that is no JSON", { "a.js": script("a.map"), "a.map": Buffer.alloc(1_000, 0xff) }],
    ["has a map that ends too early", { "a.js": script("a.map"), "a.map": JSON.stringify(map).slice(0, 40) }],
    ["has a map without sources", { "a.js": inline({ version: 3, mappings: "AAEI" }) }],
    ["has a map with a source that is none", { "a.js": inline({ ...map, sources: [null] }) }],
    ["has a map with mappings that are none", { "a.js": inline({ ...map, mappings: "!?" }) }],
    ["has a map that is an array", { "a.js": inline([]) }],
    ["has a map made of broken ones", { "a.js": inline({ sections: [{ offset: null, map: {} }] }) }],
    [
      "has a map made of itself",
      { "a.js": inline({ sections: [{ offset: { line: 0, column: 0 }, map: { sections: [] } }] }) },
    ],
    [
      "has a map that is too large",
      { "a.js": script("a.map"), "a.map": JSON.stringify({ ...map, names: ["x".repeat(2_000)] }) },
    ],
    ["is itself too large", { "a.js": `${" ".repeat(2_000)}${inline(map)}` }],
  ];
  it.each(cases)("leaves a frame as it is where its script %s", async (_, files) => {
    const frame = write(temporaryFolder(), files);
    // By a clock that stands still: nothing is given up because it takes too long.
    expect(await mapFrames([frame], { maxBytes: 2_000, clock: new FakeClock() })).toEqual([frame]);
  });

  it("leaves a frame as it is whose script is a pipe, and waits for none", async () => {
    const folder = temporaryFolder();
    const frame = write(folder, {});
    execFileSync("mkfifo", [frame.file ?? ""]);
    expect(await mapFrames([frame], { clock: new FakeClock() })).toEqual([frame]);
  });

  it("leaves frames as they are that are in no file", async () => {
    const frames: readonly Frame[] = [
      { functionName: "JSON.parse" },
      { functionName: "readFileSync", file: "node:fs", line: 441, column: 35 },
      { functionName: "f", file: "wasm://wasm/f88", line: 1, column: 7 },
      { functionName: "f", file: "eval at f (/a.js:1:2), <anonymous>", line: 1, column: 7 },
      { functionName: "f", file: "relative.js", line: 1, column: 7 },
    ];
    expect(await mapFrames(frames)).toEqual(frames);
  });

  it("maps the frames that it can", async () => {
    const folder = temporaryFolder();
    const good = write(folder, { "a.js": inline(map), "b.js": script("b.map") });
    const bad = { ...good, file: join(folder, "dist/b.js") };
    const mapped = { functionName: "f", file: join(folder, "src/a.ts"), line: 3, column: 5 };
    expect(await mapFrames([bad, good, bad, good])).toEqual([bad, mapped, bad, mapped]);
  });

  it("does not rename a function after a variable that is not what was called", async () => {
    const folder = temporaryFolder();
    // `a` is called at column 4 by what the map calls `total`; at column 0 there is another name.
    const names = { ...map, names: ["total", "other"], mappings: "AAEIC,IAAID" };
    const frame = write(folder, { "a.js": `n + a();\n${inline(names)}` });
    const called = (functionName: string, column: number) => [
      { ...frame, functionName },
      { ...frame, column },
    ];
    const nameOf = async (functionName: string, column: number) =>
      (await mapFrames(called(functionName, column)))[0]?.functionName;
    expect(await nameOf("a", 5)).toBe("total");
    expect(await nameOf("Object.a", 5)).toBe("Object.total");
    expect(await nameOf("async a", 5)).toBe("async total");
    expect(await nameOf("a", 6)).toBe("a");
    expect(await nameOf("a", 1)).toBe("a");
    expect(await nameOf("User.toString", 5)).toBe("User.toString");
    expect(await nameOf("<anonymous>", 5)).toBe("<anonymous>");
  });

  it("gives up when the time is over", async () => {
    const clock = new FakeClock();
    const frame = write(temporaryFolder(), { "a.js": inline(map) });
    const mapped = mapFrames([frame], { clock, withinMs: 500 });
    clock.block(500);
    await clock.advance(0);
    expect(await mapped).toEqual([frame]);
    expect(clock.armed).toBe(0);
  });

  it("needs no heap for a large map", async () => {
    const folder = temporaryFolder();
    const sourcesContent = ['const quoted = "\\\\";\n'.repeat(150_000)];
    const large = { ...map, sourcesContent, mappings: `${"AAEI;AAAA,".repeat(1_000_000)}AAEI` };
    const frame = { ...write(folder, { "a.js": inline(large) }), line: 1_000_001 };
    const worker = new Worker(new URL("mapping-worker.ts", import.meta.url), {
      workerData: { frames: [frame] },
      resourceLimits: { maxOldGenerationSizeMb: 16 },
    });
    // A thread that ends at once may tell both in one turn.
    const exited = once(worker, "exit");
    const [[mapped]] = await once(worker, "message");
    expect(mapped.file).toBe(join(folder, "src/a.ts"));
    await exited;
  });
});
