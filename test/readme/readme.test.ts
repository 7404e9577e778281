import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createHealth, type HealthOptions, type TaskOptions } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { fillMarked, firstColumn } from "./blocks.ts";
import { type Outputs, playOutage } from "./scenario.ts";
import { tables } from "./tables.ts";

const root = resolve(import.meta.dirname, "../..");
const path = resolve(root, "README.md");
const readme = readFileSync(path, "utf8");
/** `UPDATE_README=1` writes the page anew; what it writes is then read by eye before it is committed. */
const update = process.env["UPDATE_README"] === "1";

const languages: { readonly [B in keyof Outputs]: string } = {
  report: "json",
  summary: "http",
  metrics: "text",
  log: "json",
  span: "json",
  text: "text",
};

describe("the README's outputs, tables and files", () => {
  let made = "";
  beforeAll(async () => {
    const outputs = await playOutage();
    const fenced = (name: string) =>
      `\`\`\`${languages[name as keyof Outputs]}\n${outputs[name as keyof Outputs]}\n\`\`\``;
    const quoted = (name: string) => `\`\`\`ts\n${readFileSync(resolve(root, name), "utf8")}\`\`\``;
    made = fillMarked(readme, "output", fenced);
    made = fillMarked(made, "table", (name) => tables[name]?.() ?? `no table ${name}`);
    made = fillMarked(made, "file", quoted);
    if (update) writeFileSync(path, made);
  });

  it("are what the code puts out", () => {
    expect(update ? readFileSync(path, "utf8") : readme).toBe(made);
  });

  it("are all there", () => {
    expect(Array.from(readme.matchAll(/<!-- (?:output|table): (\w+) -->/g), ([, name]) => name)).toEqual([
      ...Object.keys(languages),
      ...Object.keys(tables),
    ]);
  });
});

describe("the README's option tables", () => {
  it("list every option of a check", () => {
    const check = { run: () => {}, misspelled: true };
    expect([...firstColumn(readme, "options", "check")].sort()).toEqual(
      knownOptions({ checks: { any: check } } as HealthOptions),
    );
  });

  it("list every option of a task", () => {
    const options: object = { deadlineMs: 1, misspelled: true };
    const run = () => createHealth({ clock: new FakeClock() }).task("any", options as TaskOptions, () => {});
    expect([...firstColumn(readme, "options", "task")].sort()).toEqual(listedBy(run));
  });

  it("list every option of createHealth", () => {
    expect([...firstColumn(readme, "options", "health")].sort()).toEqual(
      knownOptions({ misspelled: true } as HealthOptions),
    );
  });
});

function knownOptions(options: HealthOptions): readonly string[] {
  return listedBy(() => createHealth(options));
}

/** The options that the complaint about a misspelled one lists. */
function listedBy(misspell: () => unknown): readonly string[] {
  try {
    misspell();
  } catch (error) {
    const [, listed = ""] = /the options are: (.*)$/.exec((error as Error).message) ?? [];
    return listed.split(", ").sort();
  }
  throw new Error("a misspelled option was accepted");
}
