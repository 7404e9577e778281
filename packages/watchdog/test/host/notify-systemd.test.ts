import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { createHealth, fail } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { until } from "@otel-health/testkit";
import { notifySystemd } from "@otel-health/watchdog";
import { afterEach, describe, expect, it } from "vitest";
import { SystemdReporter } from "../../src/host/systemd-reporter.ts";

/** A service on a fake clock, and what systemd was sent about it. */
function follow({ watchdogIntervalMs, watchdog = true }: { watchdogIntervalMs?: number; watchdog?: boolean } = {}) {
  const clock = new FakeClock();
  let problem: string | undefined;
  const health = createHealth({
    clock,
    checks: {
      postgres: {
        run: () => (problem === undefined ? undefined : fail(problem)),
        intervalMs: 1_000,
        jitter: 0,
        failureThreshold: 1,
        gracePeriodMs: 0,
      },
    },
  });
  const sent: string[] = [];
  const notifier = { send: (...states: readonly string[]) => void sent.push(...states), watchdogIntervalMs };
  const reporter = new SystemdReporter(health, notifier, clock, watchdog);
  const setProblem = (what: string | undefined) => {
    problem = what;
  };
  return { clock, health, sent, reporter, setProblem };
}

describe("SystemdReporter", () => {
  it("tells the whole life, each phase once", async () => {
    const { clock, health, sent } = follow();
    expect(sent.splice(0)).toEqual(["STATUS=starting"]);
    await health.start();
    await clock.advance(0);
    expect(sent.splice(0)).toEqual(["READY=1", expect.stringMatching(/^STATUS=/)]);
    await clock.advance(1_000);
    expect(sent.splice(0).at(-1)).toBe("STATUS=1 check is healthy");
    health.retire();
    await clock.advance(1_000);
    expect(sent.splice(0)).toEqual(["STATUS=retiring"]);
    const drained = health.drain({ delayMs: 5_000 });
    expect(sent.splice(0)).toEqual(["STOPPING=1", "STATUS=draining"]);
    await clock.advance(5_000);
    await drained;
    await health.stop();
    await clock.advance(5_000);
    expect(sent).toEqual(["STATUS=stopped"]);
  });

  it("tells of a drain before it was ready, and of no readiness after that", async () => {
    const { clock, health, sent } = follow();
    const drained = health.drain({ delayMs: 100 });
    await clock.advance(100);
    await drained;
    expect(sent).toEqual(["STATUS=starting", "STOPPING=1", "STATUS=draining"]);
    await health.stop();
  });

  it("tells a status at most once a second, and only a new one", async () => {
    const { clock, health, sent, setProblem } = follow();
    await health.start();
    await clock.advance(5_000);
    sent.splice(0);
    setProblem("down");
    await clock.advance(1_000);
    setProblem(undefined);
    await health.refresh();
    setProblem("down");
    await health.refresh();
    await clock.advance(1_000);
    expect(sent).toEqual([expect.stringMatching(/^STATUS=postgres is unhealthy since /)]);
    await clock.advance(60_000);
    expect(sent).toHaveLength(1);
    await health.stop();
  });

  it("tells no status again that is the same after a change", async () => {
    const { clock, health, sent } = follow();
    await health.start();
    await clock.advance(5_000);
    sent.splice(0);
    health.register("optional", { run: () => fail("down"), critical: false, probes: ["liveness"], external: false });
    await clock.advance(60_000);
    expect(health.snapshot().entries.map(({ status }) => status)).toEqual(["healthy", "unhealthy"]);
    expect(sent).toEqual([]);
    await health.stop();
  });

  it("tells one line of bounded length, which is no second assignment", async () => {
    const report = { message: `all is\nREADY=1\r\n${"x".repeat(1_000)}` };
    const health = { ...createHealth(), report: () => report as never };
    const sent: string[] = [];
    const notifier = {
      send: (...states: readonly string[]) => void sent.push(...states),
      watchdogIntervalMs: undefined,
    };
    new SystemdReporter(health, notifier, new FakeClock(), true).stop();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatch(/^STATUS=all is READY=1 x+…$/);
    expect(sent[0]).toHaveLength("STATUS=".length + 300);
  });

  it("pings at once and at each interval, until liveness is unhealthy", async () => {
    const { clock, health, sent } = follow({ watchdogIntervalMs: 500 });
    const pings = () => sent.splice(0).filter((state) => state === "WATCHDOG=1").length;
    expect(pings()).toBe(1);
    await health.start();
    await clock.advance(10_000);
    expect(pings()).toBe(20);
    health.fatal("broken");
    await clock.advance(10_000);
    expect(pings()).toBe(0);
    await health.stop();
  });

  it("leaves the pings to others where it is told so", async () => {
    const { clock, health, sent, reporter } = follow({ watchdogIntervalMs: 500, watchdog: false });
    await health.start();
    await clock.advance(10_000);
    expect(sent).not.toContain("WATCHDOG=1");
    await health.stop();
    reporter.stop();
  });

  it("ends with its function, and leaves nothing armed", async () => {
    const { clock, health, sent, reporter } = follow({ watchdogIntervalMs: 500 });
    await health.start();
    await clock.advance(100);
    reporter.stop();
    sent.splice(0);
    await clock.advance(10_000);
    await health.stop();
    expect(sent).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});

describe("notifySystemd", () => {
  const folder = mkdtempSync(join(tmpdir(), "otel-health-notify-"));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    diag.disable();
  });

  it("does nothing where no systemd has started this process", () => {
    const health = createHealth();
    const close = notifySystemd({ ...health, on: () => expect.fail("it listens") }, { env: {} });
    expect(close()).toBeUndefined();
  });

  it.runIf(process.platform !== "win32")("runs the program that is in PATH", async () => {
    mkdirSync(folder, { recursive: true });
    const log = join(folder, "log");
    const script = `#!/bin/sh\nprintf '%s|' "$NOTIFY_SOCKET" "$@" >>'${log}'\n`;
    writeFileSync(join(folder, "systemd-notify"), script, { mode: 0o755 });
    const health = createHealth();
    const close = notifySystemd(health, { env: { NOTIFY_SOCKET: "/run/notify", PATH: folder } });
    await health.start();
    const said = () => readFileSync(log, "utf8").includes("READY=1") && readFileSync(log, "utf8");
    expect(await until(said, { describe: "READY=1" })).toMatch(
      /^\/run\/notify\|STATUS=starting\|\/run\/notify\|READY=1\|/,
    );
    close();
    await health.stop();
  });

  it("says once through diag that the program is missing", async () => {
    const lines: unknown[][] = [];
    const log = (...line: unknown[]) => void lines.push(line);
    diag.setLogger(
      { error: log, warn: log, info: log, debug: log, verbose: log },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const health = createHealth();
    const close = notifySystemd(health, { env: { NOTIFY_SOCKET: "/run/notify", PATH: folder } });
    await until(() => lines.length > 0, { describe: "a line" });
    await health.start();
    await health.drain({ delayMs: 0 });
    await health.stop();
    expect(lines).toEqual([["otel-health: systemd was not notified", expect.objectContaining({ code: "ENOENT" })]]);
    close();
  });

  it.each([
    [{ watchdog: "yes" }, /^watchdog of notifySystemd\(\) must be true or false, got "yes"/],
    [{ env: "production" }, /^env of notifySystemd\(\) must be an object/],
    [{ clock: {} }, /^clock of notifySystemd\(\) must be a Clock/],
    [
      { socket: "/run/notify" },
      /^socket is not an option of notifySystemd\(\); the options are: watchdog, env, clock$/,
    ],
    [null, /^options of notifySystemd\(\) must be an object/],
  ])("refuses %o", (options, message) => {
    expect(() => notifySystemd(createHealth(), options as never)).toThrow(
      expect.objectContaining({ code: "invalid_option", message: expect.stringMatching(message) }),
    );
  });

  it.each([undefined, null, {}])("refuses %o for a health object, also where no systemd is", (health) => {
    expect(() => notifySystemd(health as never, { env: {} })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringMatching(/^health of notifySystemd\(\) must be a health object, got /),
      }),
    );
  });
});
