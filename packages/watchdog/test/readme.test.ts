import { readFileSync } from "node:fs";
import {
  attributes,
  events,
  metrics,
  type PanicOptions,
  spans,
  type ThreadHeartbeatOptions,
  type WatchdogOptions,
} from "@otel-health/watchdog";
import { describe, expect, it } from "vitest";
import { firstColumn } from "../../../test/readme/blocks.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

// Complete because the compiler says so.
const options: { readonly [O in keyof WatchdogOptions]-?: true } = {
  port: true,
  host: true,
  prefix: true,
  paths: true,
  statusCodes: true,
  reasonHeader: true,
  blockedAfterMs: true,
  unreadyAfterMs: true,
  deadAfterMs: true,
  heartbeatMs: true,
  captureStack: true,
  terminationLog: true,
  clock: true,
};

describe("the README", () => {
  it("lists every option of startWatchdog", () => {
    const table = /<!-- options: startWatchdog -->\n((?:\|.*\n)+)/.exec(readme)?.[1] ?? "";
    const listed = Array.from(table.matchAll(/^\| (`.*?`) \|/gm), ([, names = ""]) => names.split(", ")).flat();
    expect(listed).toEqual(Object.keys(options).map((option) => `\`${option}\``));
  });

  it("has every name of telemetry", () => {
    const names = [
      ...Object.values(attributes),
      ...Object.values(events),
      ...Object.values(spans),
      ...Object.values(metrics).map(({ name }) => name),
    ];
    // What panics are told by is in their own part.
    const own = names.filter((name) => !/^(health\.process|exception)\./.test(name));
    expect(own.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});

/** Complete because the compiler says so. */
type All<O> = { readonly [K in keyof O]-?: true };

const ofPanics: All<PanicOptions> = {
  name: true,
  windowMs: true,
  probes: true,
  hint: true,
  onPanic: true,
  process: true,
  clock: true,
};

const ofThreads: All<ThreadHeartbeatOptions> = {
  maxAgeMs: true,
  clock: true,
  critical: true,
  probes: true,
  hint: true,
  dependsOn: true,
  persistentAfterMs: true,
};

describe("the README's option tables", () => {
  it.each([
    ["watchPanics", ofPanics],
    ["threadHeartbeat", ofThreads],
  ])("list every option of %s", (name, options) => {
    expect(firstColumn(readme, "options", name)).toEqual(Object.keys(options));
  });
});
