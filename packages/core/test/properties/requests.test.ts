import { createHealth, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { runs } from "./settings.ts";

const health = createHealth({
  clock: new FakeClock(),
  checks: { db: push(), cache: push({ critical: false }), constructor: push() },
  groups: { data: { checks: ["db", "cache"] } },
  endpoints: { prefix: "/internal", authorize: ({ headers }) => headers?.["authorization"] === "ops" },
});
beforeAll(() => health.start());

const segment = fc.oneof(
  fc.constantFrom(
    "readyz",
    "livez",
    "groupz",
    "data",
    "db",
    "cache",
    "constructor",
    "__proto__",
    "internal",
    "",
    ".",
    "..",
    "%2f",
    "a b",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const anyPath = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`);
const anyQuery = fc.oneof(
  fc.constant(""),
  fc
    .array(
      fc.tuple(
        fc.constantFrom("exclude", "verbose", "__proto__", "x"),
        fc.oneof(segment, fc.string({ unit: "binary" })),
      ),
      { maxLength: 4 },
    )
    .map((pairs) => `?${pairs.map(([key, value]) => `${key}=${value}`).join("&")}`),
);
const anyProbe = fc.constantFrom("/readyz", "/livez/", "/startupz", "/groupz/data", "/readyz/db", "/healthz/cache");
const anyUrl = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(anyProbe, anyQuery).map(([path, query]) => `/internal${path}${query}`) },
  { weight: 2, arbitrary: fc.tuple(anyPath, anyQuery).map(([path, query]) => `/internal${path}${query}`) },
  fc.tuple(anyPath, anyQuery).map(([path, query]) => path + query),
  fc.string({ unit: "binary" }),
  fc.webUrl(),
);
const anyRequest = fc.record({
  method: fc.oneof(fc.constantFrom("GET", "HEAD", "POST", "get", undefined), fc.string()),
  url: fc.option(anyUrl, { nil: undefined }),
  headers: fc.option(
    fc.record({
      accept: fc.oneof(
        fc.constantFrom("text/plain", "*/*", undefined),
        fc.string({ unit: "binary" }),
        fc.array(fc.string()),
      ),
      authorization: fc.constantFrom("ops", "guess", undefined),
    }),
    { nil: undefined },
  ),
});

describe("any request", () => {
  it("is answered as the contract says, or is for someone else; and never throws", () => {
    let answered = 0;
    fc.assert(
      fc.property(anyRequest, (request) => {
        const response = health.respond(request);
        expect(health.isHealthRequest(request)).toBe(response !== undefined);
        if (response === undefined) return;
        answered++;
        expect([200, 404, 405, 503]).toContain(response.status);
        expect(response.status === 405).toBe(request.method !== "GET" && request.method !== "HEAD");
        expect(response.body === "").toBe(request.method === "HEAD");
        expect(response.headers["Cache-Control"]).toBe("no-store");
        // Whatever was asked, it is in no header.
        for (const value of Object.values(response.headers)) expect(value).toMatch(/^[\w ,;:=+/.-]*$/);
      }),
      runs(2_000),
    );
    expect(answered).toBeGreaterThan(500);
  });

  it("that leaves checks out gets the verdict of a health object that does not have them", () => {
    const names = ["a", "b", "c", "d"] as const;
    const anyState = fc.constantFrom("pass", "warn", "fail", "none");
    fc.assert(
      fc.property(
        fc.tuple(...names.map(() => fc.record({ state: anyState, critical: fc.boolean() }))),
        fc.subarray([...names]),
        fc.constantFrom("critical" as const, "any" as const),
        (states, excluded, aggregate) => {
          const make = (kept: readonly string[]) => {
            const checks = Object.fromEntries(
              names.flatMap((name, i) =>
                kept.includes(name) ? [[name, push({ critical: states[i]!.critical })]] : [],
              ),
            );
            const one = createHealth({ clock: new FakeClock(), checks, probes: { readiness: { aggregate } } });
            void one.start();
            names.forEach((name, i) => {
              const { state } = states[i]!;
              if (kept.includes(name) && state !== "none") one.checks[name]![state]("told");
            });
            return one;
          };
          const whole = make(names);
          const rest = make(names.filter((name) => !excluded.includes(name)));
          const asked = whole.respond({ method: "GET", url: `/readyz?exclude=${excluded.join()}` });
          expect(JSON.parse(asked!.body).status).toBe(rest.report("readiness").status);
        },
      ),
      runs(300),
    );
  });
});
