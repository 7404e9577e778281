import { describe, expect, it } from "vitest";
import { blocks } from "./blocks.ts";
import { WatchedProcess, Watching } from "./watched-process.ts";

const warn = 13;
const error = 17;

describe("the probes of a process whose event loop is blocked", () => {
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
    expect(watched.terminationLog).toContain(`${last?.["message"]}\n`);

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
    expect(event.body).toMatch(/^the event loop did not turn for \d+\.\d s/);
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

describe("a process that is stopped as a whole", () => {
  it("answers nothing, and is not taken for blocked when it goes on", async () => {
    await using watched = await WatchedProcess.start({ blockedAfterMs: 600, unreadyAfterMs: 700, deadAfterMs: 800 });
    await watched.answers("/readyz", "200 healthy");
    process.kill(watched.pid, "SIGSTOP");
    // Each is waited for a second, longer than a loop may be silent.
    for (let i = 0; i < 2; i++) expect(await watched.ask("/livez")).toBeUndefined();
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

describe("liveness that fails for what the process says itself", () => {
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
