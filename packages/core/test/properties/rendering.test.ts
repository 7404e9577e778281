import { type AnyProbe, type Detail, type HealthResponse, type HealthSnapshot, probeNames } from "@otel-health/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "../../src/observation/redact.ts";
import type { Format } from "../../src/report/format.ts";
import { type Manner, render } from "../../src/report/render.ts";
import { createReport } from "../../src/report/report.ts";
import { withoutBody } from "../../src/report/response.ts";
import { viewOf } from "../../src/report/view.ts";
import type { CheckSnapshot } from "../../src/snapshot/check-snapshot.ts";
import { createSnapshot } from "../../src/snapshot/health-snapshot.ts";
import { runs } from "./settings.ts";

const anyWallTime = fc.oneof(fc.integer({ min: 1.7e12, max: 1.9e12 }), fc.integer({ min: -1e17, max: 1e17 }));
const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', "\\", "\u2028", "é", "💥", ""));
/** Redaction leaves no controls. */
const anyMessage = anyText.map((text) => redact(text));
const anyName = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_.-]{0,62}$/),
  fc.constantFrom("constructor", "tostring", "hasownproperty", "toString".toLowerCase()),
);
const anyVerdict = fc.constantFrom("healthy" as const, "degraded" as const, "unhealthy" as const);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const anyCheck: fc.Arbitrary<CheckSnapshot> = fc.record({
  name: anyName,
  kind: fc.constantFrom("check" as const, "gate" as const, "startup task" as const),
  probes: fc.subarray([...probeNames], { minLength: 1 }),
  critical: fc.boolean(),
  status: fc.constantFrom("healthy" as const, "degraded" as const, "unhealthy" as const, "unknown" as const),
  ok: fc.boolean(),
  checkedAt: orNull(anyWallTime),
  since: anyWallTime,
  nextCheckAt: orNull(anyWallTime),
  durationMs: orNull(fc.integer({ min: 0, max: 1e7 }).map((us) => us / 1_000)),
  consecutiveFailures: fc.nat(),
  flapping: fc.boolean(),
  heldUntil: orNull(anyWallTime),
  causedBy: orNull(fc.constant("network")),
  incidentId: orNull(fc.constant("4bf92f3577b34da6a3ce929d0e0e4736")),
  fault: orNull(fc.constantFrom("transient" as const, "persistent" as const, "fatal" as const)),
  errorType: orNull(fc.constantFrom("ECONNREFUSED", "_OTHER")),
  message: orNull(anyMessage),
  hint: orNull(anyMessage),
  votes: fc.record(
    { startup: anyVerdict, readiness: anyVerdict, serving: anyVerdict, liveness: anyVerdict },
    { requiredKeys: [] },
  ),
});

const anyProbe = fc.record({ status: anyVerdict, since: anyWallTime });
const anySnapshot: fc.Arbitrary<HealthSnapshot> = fc
  .record({
    version: fc.nat(),
    timestamp: anyWallTime,
    service: fc.option(fc.constant({ name: "orders", version: "1.4.2" }), { nil: undefined }),
    life: fc.record({
      phase: fc.constantFrom(
        "starting" as const,
        "ready" as const,
        "retiring" as const,
        "draining" as const,
        "stopped" as const,
        "failed" as const,
      ),
      started: fc.boolean(),
      warming: fc.boolean(),
      fatal: fc.option(anyMessage, { nil: undefined }),
    }),
    probes: fc.record({ startup: anyProbe, readiness: anyProbe, serving: anyProbe, liveness: anyProbe }),
    entries: fc.uniqueArray(anyCheck, { maxLength: 8, selector: ({ name }) => name }),
  })
  .map((parts) => createSnapshot(parts));

function manner(detail: Detail, format: Format = "json"): Manner {
  return { detail, format, statusCodes: { healthy: 200, degraded: 200, unhealthy: 503 }, reasonHeader: false };
}

function rendered(snapshot: HealthSnapshot, probe: AnyProbe, detail: Detail, format: Format = "json") {
  return render(snapshot, viewOf(snapshot, probe), manner(detail, format), new WeakMap());
}

const formats: readonly Format[] = ["json", "health+json", "text"];
const anyDetail = fc.constantFrom<Detail>("status", "summary", "full");
const anyAsked = fc.constantFrom(...probeNames);

const headKeys = ["status", "probe", "timestamp", "message", "nextCheckAt", "lifecycle", "service", "checks"];
const checkKeys = [
  ...["status", "ok", "checkedAt", "critical", "since", "nextCheckAt", "durationMs", "incidentId", "causedBy"],
  ...["fault", "errorType", "consecutiveFailures", "flapping", "message", "hint"],
];
const utc = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("a rendered answer", () => {
  it("is the report, written down: also where fragments of it were rendered before", () => {
    fc.assert(
      fc.property(anySnapshot, anyAsked, (snapshot, probe) => {
        for (const detail of ["status", "summary", "full"] as const) {
          const fragments = new WeakMap<CheckSnapshot, string>();
          const view = viewOf(snapshot, probe);
          const expected = JSON.stringify(createReport(snapshot, view, detail));
          expect(render(snapshot, view, manner(detail), fragments).body).toBe(expected);
          expect(render(snapshot, view, manner(detail), fragments).body).toBe(expected);
        }
      }),
      runs(400),
    );
  });

  it("has the status of the verdict, the length of its bytes, and no more headers than the contract names", () => {
    fc.assert(
      fc.property(anySnapshot, anyAsked, anyDetail, (snapshot, probe, detail) => {
        const response = rendered(snapshot, probe, detail);
        expect(response.status).toBe(snapshot.probes[probe].status === "unhealthy" ? 503 : 200);
        const { "Retry-After": retryAfter, ...headers } = response.headers;
        expect(headers).toEqual({
          "Content-Type": "application/json",
          "Content-Length": String(new TextEncoder().encode(response.body).length),
          "Cache-Control": "no-store",
          "X-Content-Type-Options": "nosniff",
        });
        if (response.status === 200) expect(retryAfter).toBeUndefined();
        else if (retryAfter !== undefined) expect(retryAfter).toMatch(/^[1-9]\d*$/);
        expect(Object.entries(response.headers).flat()).toEqual(response.rawHeaders);
        expect(withoutBody(response)).toEqual({ ...response, body: "" });
      }),
      runs(400),
    );
  });

  it("has its keys in the order of the contract, every time in UTC, and nothing that its detail leaves out", () => {
    fc.assert(
      fc.property(anySnapshot, anyAsked, anyDetail, (snapshot, probe, detail) => {
        const report = JSON.parse(rendered(snapshot, probe, detail).body);
        const keys = Object.keys(report);
        expect(keys).toEqual(headKeys.filter((key) => keys.includes(key)));
        expect(report.timestamp).toMatch(utc);
        if (detail === "status") expect(keys).toEqual(["status", "timestamp"]);
        else if (detail === "summary") expect(keys).toEqual(["status", "timestamp", "message", "lifecycle", "checks"]);
        else expect(keys.length).toBe(snapshot.service === undefined ? 7 : 8);
        for (const check of Object.values<Record<string, unknown>>(report.checks ?? {})) {
          const own = Object.keys(check);
          expect(own).toEqual(checkKeys.filter((key) => own.includes(key)));
          if (detail === "summary") expect(own).toEqual(["status", "ok", "checkedAt"]);
          for (const key of ["checkedAt", "since", "nextCheckAt"]) {
            if (typeof check[key] === "string") expect(check[key]).toMatch(utc);
          }
        }
      }),
      runs(400),
    );
  });

  it("lists exactly the checks that the probe has, in the order of the snapshot", () => {
    fc.assert(
      fc.property(anySnapshot, anyAsked, (snapshot, probe) => {
        const { checks } = JSON.parse(rendered(snapshot, probe, "summary").body);
        const members = snapshot.entries.filter(({ probes }) => probes.includes(probe));
        expect(Object.keys(checks)).toEqual(members.map(({ name }) => name));
      }),
      runs(200),
    );
  });

  it("tells no reason below full", () => {
    fc.assert(
      fc.property(anySnapshot, anyAsked, fc.constantFrom<Detail>("status", "summary"), (snapshot, probe, detail) => {
        const secret = "correct horse battery staple";
        const entries = snapshot.entries.map((check) => ({ ...check, message: secret, hint: secret }));
        const life = { ...snapshot.life, fatal: snapshot.life.fatal && secret };
        const loud = createSnapshot({ ...snapshot, entries, life });
        for (const format of formats) expect(rendered(loud, probe, detail, format).body).not.toContain(secret);
      }),
      runs(200),
    );
  });

  it("is the same verdict and the same checks in every format", () => {
    const words = { healthy: "pass", degraded: "warn", unhealthy: "fail" };
    fc.assert(
      fc.property(anySnapshot, anyAsked, anyDetail, (snapshot, probe, detail) => {
        const [json, health, text] = formats.map((format) => rendered(snapshot, probe, detail, format)) as [
          HealthResponse,
          HealthResponse,
          HealthResponse,
        ];
        const report = JSON.parse(json.body);
        const draft = JSON.parse(health.body);
        expect(draft.status).toBe(words[report.status as keyof typeof words]);
        expect(Object.keys(draft.checks ?? {})).toEqual(Object.keys(report.checks ?? {}));
        const lines = text.body.trimEnd().split("\n");
        const named = lines
          .slice(0, -1)
          .map((line) => /^\[[-+~]\](\S+) (?:ok|degraded|failed|unknown)/.exec(line)?.[1]);
        expect(named).toEqual(Object.keys(report.checks ?? {}));
        expect(lines.at(-1)).toContain(`${probe} is ${report.status}`);
        for (const { status, headers } of [health, text]) {
          expect(status).toBe(json.status);
          expect(headers["Retry-After"]).toBe(json.headers["Retry-After"]);
        }
      }),
      runs(200),
    );
  });
});
