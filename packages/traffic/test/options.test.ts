import { SpanKind } from "@opentelemetry/api";
import { AlwaysOnSampler } from "@opentelemetry/sdk-trace";
import { createHealth, type HealthError, isHealthError } from "@otel-health/core";
import { createTraffic, type PassiveOptions, type RequestsOptions } from "@otel-health/traffic";
import { describe, expect, it } from "vitest";

const traffic = createTraffic();
const match = { "server.address": "a" };

function complaint(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(isHealthError(error)).toBe(true);
    return (error as HealthError).message;
  }
  return "nothing was thrown";
}

describe("options", () => {
  it.each<[object, string]>([
    [{ match: {} }, "match of passive() must be attributes such as"],
    [{ match: [] }, "match of passive() must be attributes such as"],
    [{}, "match of passive() must be attributes such as"],
    [{ match: "db" }, 'or a function of attributes, got "db"'],
    [
      { match: { a: null } },
      '"a" in match of passive() must be a string, a number, true or false, or an array of those, got null',
    ],
    [{ match: { a: [] } }, '"a" in match of passive() must be'],
    [{ match: { a: Number.NaN } }, '"a" in match of passive() must be'],
    [
      { match, active: {} },
      "active of passive() must be a check function, or a check that has one as run, got an object",
    ],
    [{ match, active: 5 }, "active of passive() must be"],
    [{ match, active: { run() {}, intervalMs: -1 } }, "intervalMs of passive() must be a number from 1"],
    [{ match, windowMs: 99 }, "windowMs of passive() must be milliseconds from 100 to 2147483647, got 99"],
    [{ match, windowMs: "10s" }, 'windowMs of passive() must be milliseconds from 100 to 2147483647, got "10s"'],
    [{ match, minSamples: 0 }, "minSamples of passive() must be a whole number from 1 up, got 0"],
    [{ match, minSamples: 1.5 }, "minSamples of passive() must be a whole number from 1 up, got 1.5"],
    [
      { match, maxErrorRatio: 50 },
      "maxErrorRatio of passive() must be a number from 0 to 1, the share of failures, got 50",
    ],
    [{ match, maxP95Ms: 0 }, "maxP95Ms of passive() must be milliseconds from 1"],
    [{ match, isError: true }, "isError of passive() must be a function, got true"],
    [{ match, probes: ["liveness"] }, "passive() asks a dependency and cannot count for liveness"],
    [{ match, maxP99Ms: 5 }, "maxP99Ms is not an option of passive(); the options are: active, backoff, critical"],
    [{ match, run() {} }, "run is not an option of passive()"],
  ])("of passive(): %j", (options, expected) => {
    expect(complaint(() => traffic.passive(options as PassiveOptions))).toContain(expected);
  });

  it.each<[unknown, string]>([
    [null, "requests() must be an object of options, got null"],
    [[], "requests() must be an object of options, got []"],
    [{ maxP99Ms: -1 }, "maxP99Ms of requests() must be milliseconds from 1"],
    [{ windowMs: 1 }, "windowMs of requests() must be milliseconds from 100"],
    [{ ignore: "/x" }, 'ignore of requests() must be a function, got "/x"'],
    [{ isError: 500 }, "isError of requests() must be a function, got 500"],
    [{ intervalMs: 0 }, "intervalMs of requests() must be a number from 1"],
    [{ external: true }, "external is not an option of requests()"],
    [{ match }, "match is not an option of requests()"],
  ])("of requests(): %j", (options, expected) => {
    expect(complaint(() => traffic.requests(options as RequestsOptions))).toContain(expected);
  });

  it("of everything else", () => {
    expect(complaint(() => createTraffic(null as never))).toBe(
      "createTraffic() must be an object of options, got null",
    );
    expect(complaint(() => createTraffic({ clock: {} as never }))).toContain(
      "clock of createTraffic() must be a clock",
    );
    expect(complaint(() => createTraffic({ clok: 1 } as never))).toBe(
      "clok is not an option of createTraffic(); the options are: clock",
    );
    expect(complaint(() => traffic.watch({} as never))).toBe(
      "health of watch() must be a health object, got an object",
    );
    expect(complaint(() => traffic.recordOnly({} as never))).toBe(
      "sampler of recordOnly() must be a sampler, got an object",
    );
    const sampler = new AlwaysOnSampler();
    expect(complaint(() => traffic.recordOnly(sampler, { kinds: [9] as never }))).toContain(
      "kinds of recordOnly() must be an array of span kinds, such as [SpanKind.CLIENT], got [9]",
    );
    expect(complaint(() => traffic.recordOnly(sampler, { kind: SpanKind.CLIENT } as never))).toBe(
      "kind is not an option of recordOnly(); the options are: kinds",
    );
  });

  it("of the active check are the passive one's, unless it says otherwise", () => {
    const active = { run() {}, critical: false, intervalMs: 3_000, hint: "look", external: true };
    const { run, attach, ...rest } = traffic.passive({ match, active, intervalMs: 5_000 });
    expect(rest).toEqual({ critical: false, intervalMs: 5_000, hint: "look", external: true, gracePeriodMs: 0 });
  });

  it("let requests() count for liveness where that is named, and not be critical", () => {
    const check = traffic.requests({ probes: ["liveness"], critical: true });
    expect(() => createHealth({ checks: { check } })).not.toThrow();
    const { run, attach, ...rest } = traffic.requests();
    expect(rest).toEqual({ critical: false, failureThreshold: 1, gracePeriodMs: 0, external: false });
  });
});
