import { readFileSync } from "node:fs";
import type { ScheduleOptions } from "@otel-health/core";
import {
  type GcTimeOptions,
  type HandleGrowthOptions,
  type LoopDelayOptions,
  type LoopSamplerOptions,
  type LoopUtilizationOptions,
  type NotifySystemdOptions,
  type ResourcesOptions,
  resources,
  type ShareOptions,
  type ThreadPoolOptions,
} from "@otel-health/watchdog";
import { describe, expect, it } from "vitest";
import { firstColumn } from "../../../test/readme/blocks.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

// Complete because the compiler says so.
type AnyOfResources = ShareOptions &
  GcTimeOptions &
  LoopDelayOptions &
  LoopUtilizationOptions &
  ThreadPoolOptions &
  HandleGrowthOptions;
const ofResources: { readonly [O in Exclude<keyof AnyOfResources, keyof ScheduleOptions>]: true } = {
  warnAbove: true,
  failAbove: true,
  windowMs: true,
  warnAboveMs: true,
  failAboveMs: true,
  warnMaxAboveMs: true,
  sampler: true,
  warnAbovePerMinute: true,
};
const ofSampler: { readonly [O in keyof LoopSamplerOptions]-?: true } = { intervalMs: true, resolutionMs: true };
const ofSystemd: { readonly [O in keyof NotifySystemdOptions]-?: true } = { watchdog: true, env: true, clock: true };

describe("the README's tables", () => {
  it.each([
    ["resources", ofResources],
    ["LoopSampler", ofSampler],
    ["notifySystemd", ofSystemd],
  ])("list every option of %s", (name, options) => {
    expect([...new Set(firstColumn(readme, "options", name))].toSorted()).toEqual(Object.keys(options).toSorted());
  });

  it("list every check of resources, and which are critical", () => {
    const rows = Array.from(readme.matchAll(/^\| `(\w+)` \| `\w+\(\)` .* (yes|no) \|$/gm), ([, name, critical]) => [
      name,
      critical === "yes",
    ]);
    const made: { readonly [N in keyof ResourcesOptions]-?: { readonly critical?: boolean } } = resources();
    expect(rows).toEqual(Object.entries(made).map(([name, { critical }]) => [name, critical]));
  });
});
