import { join } from "node:path";
import { until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { suspend } from "../servers/suspend.ts";
import { blocks } from "./blocks.ts";
import { stuckStderrs } from "./stuck-stderr.ts";
import { quick, WatchedProcess, Watching } from "./watched-process.ts";

const warn = 13;
const error = 17;

/** There the thread is asked where it is, and answers when a call is over that may take as long as it takes. */
const cannotLook: ReadonlySet<string> = new Set(["fifo", "json"]);

/** Many a second is waited for, and the machine may be busy. */
const timeout = 120_000;

describe("the probes of a process whose event loop is blocked", { timeout }, () => {
  it.each(Object.keys(blocks))("are answered, each in its time, and say so when it is over: %s", async (way) => {
    await using watched = await WatchedProcess.start();
    await watched.answers("/readyz", "200 healthy");
    await using watching = new Watching(watched);
    await watching.until(watching.readyz, 1);
    watched.tell(way);
    await watching.until(watching.livez, 3);
    await watched.saysLastWords();
    const [last] = watched.lastWords;
    expect(last).toMatchObject({
      severity: "FATAL",
      event: "health.liveness.failed",
      message: expect.stringMatching(/^liveness fails: the event loop has not turned since 2\d{3}-.*Z$/),
    });
    expect(watched.terminationLog).toContain(`${last?.["message"]} (`);
    const name = blocks[way]?.name;
    if (!cannotLook.has(way)) {
      expect(last?.["code.function.name"]).toBe(name);
      expect(last?.["code.file.path"]).toBe(join(import.meta.dirname, "blocks.ts"));
      expect(watched.terminationLog).toContain(` ${name} (${last?.["code.file.path"]}:${last?.["code.line.number"]}:`);
    }

    watched.release(way);
    await watching.until(watching.livez, 4);
    await watching.until(watching.readyz, 4);
    expect(watching.livez.slice(0, 4)).toEqual(["200 healthy", "200 degraded", "503 unhealthy", "200 healthy"]);
    expect(watching.readyz.slice(0, 4)).toEqual(["200 healthy", "200 degraded", "503 unhealthy", "200 healthy"]);
    expect(watched.lastWords).toHaveLength(1);
    expect(watched.terminationLog).toBe("");

    const event = await watched.hears(({ event }) => event === "health.loop.blocked");
    const span = await watched.hears(({ span }) => span === "health.loop.block");
    expect(event).toMatchObject({ severityNumber: error, attributes: { "health.loop.block.stage": "dead" } });
    expect(event.body).toMatch(/^the event loop did not turn for \d+\.\d s, /);
    expect(event.attributes?.["code.function.name"]).toBe(name);
    expect(event.attributes?.["code.stacktrace"]).toContain(name);
    if (way === "fifo") expect(event.attributes).toMatchObject({ "health.loop.block.late": true });
    expect(span).toMatchObject({ status: { code: 2 }, attributes: event.attributes, traceId: event.traceId });
  });

  it("are what they were before at once when the loop turns, after a block that failed nothing", async () => {
    await using watched = await WatchedProcess.start({
      blockedAfterMs: 500,
      unreadyAfterMs: 60_000,
      deadAfterMs: 60_000,
    });
    watched.tell("busy");
    await watched.answers("/readyz", "200 degraded");
    expect(await watched.ask("/livez")).toBe("200 degraded");
    watched.release("busy");
    await watched.answers("/readyz", "200 healthy");
    const event = await watched.hears(({ event }) => event === "health.loop.blocked");
    expect(event).toMatchObject({ severityNumber: warn, attributes: { "health.loop.block.stage": "blocked" } });
    expect(watched.lastWords).toEqual([]);
  });
});

describe("a process that is stopped as a whole", { timeout }, () => {
  it("answers nothing, and is not taken for blocked when it goes on", async () => {
    await using watched = await WatchedProcess.start({ blockedAfterMs: 600, unreadyAfterMs: 700, deadAfterMs: 800 });
    await watched.answers("/readyz", "200 healthy");
    suspend(watched.pid);
    // Each is waited for longer than a loop may be silent.
    for (let i = 0; i < 2; i++) expect(await watched.ask("/livez", { timeoutMs: 1_000 })).toBeUndefined();
    await using watching = new Watching(watched);
    process.kill(watched.pid, "SIGCONT");
    await watched.answers("/livez", "200 healthy");
    await watched.answers("/readyz", "200 healthy");
    const answered = [...watching.livez, ...watching.readyz].filter((answer) => answer !== "no answer");
    expect(new Set(answered)).toEqual(new Set(["200 healthy"]));
    expect(watched.lastWords).toEqual([]);
    expect(watched.said.filter(({ event }) => event === "health.loop.blocked")).toEqual([]);
  });
});

describe("a thread that is lost while the event loop is blocked", { timeout }, () => {
  it("is started again on the same port when the loop turns, and says so", async () => {
    await using watched = await WatchedProcess.start();
    await watched.answers("/readyz", "200 healthy");
    watched.tell("lose");
    await until(async () => (await watched.ask("/livez")) === undefined, { describe: "the thread is lost" });
    expect(watched.said.filter(({ event }) => event === "health.watchdog.restarted")).toEqual([]);
    watched.release("lose");
    await watched.answers("/readyz", "200 healthy");
    const event = await watched.hears(({ event }) => event === "health.watchdog.restarted");
    expect(event).toMatchObject({ severityNumber: warn, attributes: { "health.watchdog.restarts": 1 } });
    expect(event.body).toBe("the watchdog's thread was started again: the thread ended with 1");
    // The next block is seen as the first would have been.
    watched.tell("busy");
    await watched.answers("/livez", "503 unhealthy");
    await watched.saysLastWords();
    watched.release("busy");
    await watched.answers("/livez", "200 healthy");
  });
});

describe("a thread that stands still", { timeout }, () => {
  it("is ended and started again on the same port, and says so", async () => {
    await using watched = await WatchedProcess.start();
    await watched.answers("/readyz", "200 healthy");
    watched.tell("stall");
    await until(async () => (await watched.ask("/livez", { timeoutMs: 1_000 })) === undefined, {
      describe: "the thread stands still",
    });
    const event = await watched.hears(({ event }) => event === "health.watchdog.restarted");
    expect(event).toMatchObject({ severityNumber: warn, attributes: { "health.watchdog.restarts": 1 } });
    expect(event.body).toBe("the watchdog's thread was started again: it stood still for 10 s");
    await watched.answers("/livez", "200 healthy");
  });
});

describe("liveness that fails for what the process says itself", { timeout }, () => {
  it("has its reason in the last words, which probes do not tell", async () => {
    await using watched = await WatchedProcess.start();
    watched.tell("fatal");
    await watched.answers("/livez", "503 unhealthy");
    await watched.saysLastWords();
    const message = expect.stringMatching(/^liveness fails: fatal since .*Z: out of tea$/);
    expect(watched.lastWords).toEqual([expect.objectContaining({ severity: "FATAL", message })]);
    expect(watched.terminationLog).toMatch(/ liveness fails: fatal since .*Z: out of tea\n$/);
  });
});

describe("a process that ends for an exception", { timeout }, () => {
  it("has it in its last words, with its stack and how it was", async () => {
    await using watched = await WatchedProcess.start();
    await watched.answers("/readyz", "200 healthy");
    watched.tell("panic");
    expect(await watched.child.exited).toEqual({ code: 1, signal: null });
    await watched.saysLastWords();
    const [words] = watched.lastWords;
    expect(words).toMatchObject({ severity: "FATAL", event: "health.process.panic" });
    const said = /^uncaught exception: no more tea \(readiness was degraded: panics is degraded since .*Z\)$/;
    expect(words?.["message"]).toMatch(said);
    expect(words?.["code.stacktrace"]).toMatch(/^Error: no more tea\n {4}at .*boil .*blocking-process\.ts:\d+/);
    expect(watched.terminationLog).toContain(`Z ${words?.["message"]}\nError: no more tea\n    at `);
    // Node's own words are there as well.
    expect(watched.child.stderr).toContain("Error: no more tea");
  });
});

describe.each(Object.entries(stuckStderrs))("last words on a %s that nobody reads", (_kind, make) => {
  it("stop no probe, come when it is read, and keep the process from no end", { timeout }, async () => {
    const stuck = await make();
    await using watched = await WatchedProcess.start(quick, stuck.exec);
    watched.tell("busy");
    await watched.answers("/livez", "503 unhealthy");
    expect(watched.terminationLog).toContain("liveness fails");
    for (let i = 0; i < 20; i++) expect(await watched.ask("/livez")).toBe("503 unhealthy");
    const heard = () => {
      const said = stuck.read();
      return said.endsWith("\n") && said;
    };
    expect(JSON.parse(await until(heard, { describe: "the line" }))).toMatchObject({
      severity: "FATAL",
      event: "health.liveness.failed",
    });
    watched.release("busy");
    await watched.answers("/livez", "200 healthy");
    watched.tell("exit");
    expect(await watched.child.exited).toEqual({ code: 0, signal: null });
  });

  it("let a process end that nobody reads to its end", { timeout }, async () => {
    const stuck = await make();
    await using watched = await WatchedProcess.start(quick, stuck.exec);
    watched.tell("fatal");
    await watched.answers("/livez", "503 unhealthy");
    watched.tell("exit");
    expect(await watched.child.exited).toEqual({ code: 0, signal: null });
    expect(watched.terminationLog).toContain("out of tea");
  });
});
