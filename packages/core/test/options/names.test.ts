import { createHealth, gate, heartbeat, type Transition } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { errorOf } from "./refusal.ts";

const noop = () => {};
const clock = () => new FakeClock();
const longest = "a".repeat(63);
const rule = `is named by a lower-case letter and up to 62 of a-z, 0-9, "_", "." and "-"`;

describe("the name of a check or a startup task", () => {
  const invalid: [string, string][] = [
    ["", '""'],
    ["A", '"A"'],
    ["dB", '"dB"'],
    ["1db", '"1db"'],
    ["_db", '"_db"'],
    [".db", '".db"'],
    ["-db", '"-db"'],
    ["my db", '"my db"'],
    ["db/x", '"db/x"'],
    ["db\n", '"db\\n"'],
    ["größe", '"größe"'],
    ["__proto__", '"__proto__"'],
    ["toString", '"toString"'],
    [`${longest}a`, `"${"a".repeat(40)}…"`],
  ];

  it.each(invalid)("cannot be %j", async (name, shown) => {
    const expected = (what: string) => ({
      code: "invalid_name",
      message: `a ${what} ${rule}, got ${shown}; rename it`,
    });
    expect(await errorOf(() => createHealth({ clock: clock(), checks: { [name]: noop } }))).toEqual(expected("check"));
    expect(await errorOf(() => createHealth({ clock: clock() }).register(name, noop))).toEqual(expected("check"));
    expect(await errorOf(() => createHealth({ clock: clock(), startup: { [name]: noop } }))).toEqual(
      expected("startup task"),
    );
  });

  it.each([
    [undefined, "undefined"],
    [null, "null"],
    [5, "5"],
    [["db"], '["db"]'],
    [{ toString: () => "db" }, "an object"],
    [Symbol("db"), "a symbol"],
  ])("is a string, and not %o", async (name, shown) => {
    expect(await errorOf(() => createHealth({ clock: clock() }).register(name as never, noop))).toEqual({
      code: "invalid_name",
      message: `a check ${rule}, got ${shown}; rename it`,
    });
  });

  it.each(["a", "db", "a1", "my-db_2.replica", "a.", longest])("may be %s", (name) => {
    const health = createHealth({
      clock: clock(),
      checks: { [name]: noop },
      startup: { [`z${name.slice(1, -1)}-`]: noop },
    });
    expect(Object.keys(health.snapshot().checks)).toEqual([name]);
  });

  it("may be `constructor`, which works everywhere", async () => {
    const fake = clock();
    let fails = false;
    const health = createHealth({
      clock: fake,
      checks: {
        constructor: {
          run: () => {
            if (fails) throw new Error("down");
          },
          failureThreshold: 1,
          gracePeriodMs: 0,
        },
      },
      probes: { readiness: { checks: ["constructor"] } },
      endpoints: { detail: "full" },
    });
    const transitions: Transition[] = [];
    health.on("transition", (transition) => void transitions.push(transition));
    const started = health.start();
    await fake.advance(0);
    await started;

    const handle = health.checks.constructor;
    expect({ name: handle.name, status: handle.status }).toEqual({ name: "constructor", status: "healthy" });
    expect(Object.keys(health.checks)).toEqual(["constructor"]);
    expect(Object.keys(health.snapshot().checks)).toEqual(["constructor"]);
    expect(health.snapshot().checks.constructor).toBe(handle.snapshot());
    expect(health.report("readiness").checks?.["constructor"]).toMatchObject({ status: "healthy", ok: true });

    fails = true;
    await fake.advance(10_000);
    const response = health.respond({ method: "GET", url: "/readyz" });
    expect(response?.status).toBe(503);
    expect(JSON.parse(response?.body ?? "").checks.constructor).toMatchObject({ status: "unhealthy", message: "down" });
    expect(
      transitions.map((one) => (one.type === "check" ? `${one.name} ${one.state}` : `${one.probe} ${one.checks}`)),
    ).toEqual([
      "startup ",
      "serving ",
      "constructor healthy",
      "readiness ",
      "constructor unhealthy",
      "readiness constructor",
    ]);

    expect(await health.unregister("constructor")).toBe(true);
    expect(health.snapshot().checks).not.toHaveProperty("constructor");
    expect(health.register("constructor", heartbeat({ maxAgeMs: 1 })).beats).toBe(0);
    await health.stop();
  });

  it("may be `constructor` for a startup task too", async () => {
    const health = createHealth({ clock: clock(), startup: { constructor: noop }, checks: { open: gate() } });
    await health.start();
    expect(health.report("startup").checks?.["constructor"]).toMatchObject({
      status: "healthy",
      message: "done at attempt 1",
    });
  });
});
