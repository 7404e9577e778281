import { readFileSync } from "node:fs";
import type { ScheduleOptions } from "@otel-health/core";
import {
  attributes,
  events,
  type GcTimeOptions,
  type HandleGrowthOptions,
  type LoopDelayOptions,
  type LoopSamplerOptions,
  type LoopUtilizationOptions,
  metrics,
  type NotifySystemdOptions,
  type PanicOptions,
  type ResourcesOptions,
  resources,
  type ShareOptions,
  spans,
  type ThreadHeartbeatOptions,
  type ThreadPoolOptions,
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
  systemd: true,
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

type AnyOfResources = ShareOptions &
  GcTimeOptions &
  LoopDelayOptions &
  LoopUtilizationOptions &
  ThreadPoolOptions &
  HandleGrowthOptions;
const ofResources: All<Omit<AnyOfResources, keyof ScheduleOptions>> = {
  warnAbove: true,
  failAbove: true,
  windowMs: true,
  warnAboveMs: true,
  failAboveMs: true,
  warnMaxAboveMs: true,
  sampler: true,
  warnAbovePerMinute: true,
};
const ofSampler: All<LoopSamplerOptions> = { intervalMs: true, resolutionMs: true };
const ofSystemd: All<NotifySystemdOptions> = { watchdog: true, env: true, clock: true };

describe("the README's option tables", () => {
  it.each([
    ["watchPanics", ofPanics],
    ["threadHeartbeat", ofThreads],
    ["resources", ofResources],
    ["LoopSampler", ofSampler],
    ["notifySystemd", ofSystemd],
  ])("list every option of %s", (name, options) => {
    // One that two checks of resources have, with another meaning in each, has a row for each.
    expect([...new Set(firstColumn(readme, "options", name))]).toEqual(Object.keys(options));
  });
});

describe("the README's table of resources", () => {
  it("lists every check, and which are critical", () => {
    const rows = Array.from(readme.matchAll(/^\| `(\w+)` \| `\w+\(\)` .* (yes|no) \|$/gm), ([, name, critical]) => [
      name,
      critical === "yes",
    ]);
    const made: { readonly [N in keyof ResourcesOptions]-?: { readonly critical?: boolean } } = resources();
    expect(rows).toEqual(Object.entries(made).map(([name, { critical }]) => [name, critical]));
  });
});
