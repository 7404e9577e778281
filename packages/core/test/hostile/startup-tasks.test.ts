import { createHealth, type StartupFunction } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { hostileReturned } from "./hostile-returned.ts";
import { hostileThrown } from "./hostile-thrown.ts";

/** Lets one attempt of a task fail, and looks at what the startup probe says. */
async function firstAttempt(run: () => unknown) {
  const clock = new FakeClock();
  const health = createHealth({ clock, startup: { migrate: run as StartupFunction }, endpoints: { detail: "full" } });
  const started = health.start().then(
    () => "started",
    ({ code }) => code,
  );
  await clock.advance(0);
  const response = health.respond({ method: "GET", url: "/startupz" });
  await health.stop();
  return { started: await started, status: response?.status, report: JSON.parse(response?.body ?? "") };
}

describe("a startup task", () => {
  const outcomes = [
    ...hostileThrown.map(({ what, thrown, message, errorType = "_OTHER" }) => ({
      what: `throws ${what}`,
      run: () => {
        throw thrown();
      },
      message,
      errorType,
    })),
    ...hostileReturned.map(({ what, returned, message, errorType = "invalid_outcome" }) => ({
      what: `returns ${what}`,
      run: returned,
      message,
      errorType,
    })),
  ];

  it.each(outcomes)("that $what is tried again, and says why", async ({ run, message, errorType }) => {
    const { started, status, report } = await firstAttempt(run);
    expect({ started, status }).toEqual({ started: "startup_aborted", status: 503 });
    expect(report.checks.migrate).toMatchObject({
      status: "unhealthy",
      message: `attempt 1 failed: ${message}`,
      errorType,
      fault: "transient",
      consecutiveFailures: 1,
    });
  });
});
