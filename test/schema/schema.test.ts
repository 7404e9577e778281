import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHealth, type Health, type HealthResponse, push } from "@otel-health/core";
import { kubeProbe } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { expectReport } from "./expect-report.ts";
import { isWatched, watched } from "./watched.ts";

async function report(detail: "status" | "summary" | "full") {
  const health = createHealth({ service: { name: "orders" }, checks: { db: push() } });
  await health.start();
  health.checks.db.fail("gone", { errorType: "ECONNREFUSED", hint: "is it up?" });
  const told = health.report("readiness", { detail });
  await health.stop();
  return structuredClone(told) as unknown as {
    [key: string]: unknown;
    checks: { [name: string]: Record<string, unknown> };
  };
}

describe("the schema of reports", () => {
  it.each(["status", "summary", "full"] as const)("takes what is told at %s", async (detail) => {
    const told = await report(detail);
    expect(expectReport(told)).toBe(told);
  });

  it.each<[string, "status" | "summary" | "full", (told: Awaited<ReturnType<typeof report>>) => void]>([
    ["a verdict that is none", "status", (told) => Object.assign(told, { status: "unknown" })],
    ["a field that nobody knows", "status", (told) => Object.assign(told, { uptime: 5 })],
    ["a reason where none is told", "summary", (told) => Object.assign(told.checks["db"]!, { message: "gone" })],
    ["a missing time", "summary", (told) => delete told["timestamp"]],
    ["a relative time", "full", (told) => Object.assign(told, { timestamp: "5 s ago" })],
    ["a time of another zone", "full", (told) => Object.assign(told, { timestamp: "2026-11-22T14:00:00.000+01:00" })],
    ["a state that is none", "full", (told) => Object.assign(told.checks["db"]!, { status: "down" })],
    ["a check without its criticality", "full", (told) => delete told.checks["db"]!["critical"]],
    ["a check that cannot be named so", "full", (told) => Object.assign(told.checks, { "My DB": told.checks["db"] })],
    ["a duration that is none", "full", (told) => Object.assign(told.checks["db"]!, { durationMs: -1 })],
    ["an incident without an id", "full", (told) => Object.assign(told.checks["db"]!, { incidentId: "" })],
    ["an empty list of exclusions", "full", (told) => Object.assign(told, { excluded: [] })],
  ])("refuses %s", async (_, detail, spoil) => {
    const told = await report(detail);
    spoil(told);
    expect(() => expectReport(told)).toThrow(/^a report against the schema/);
  });
});

describe("a report in any test", () => {
  it("is held to the schema, however it is asked for", async () => {
    const lie = { status: "sick", timestamp: "2026-11-22T13:00:00.000Z" };
    const lies: HealthResponse = {
      status: 200,
      headers: { "Content-Type": "application/json" },
      rawHeaders: [],
      body: JSON.stringify(lie),
    };
    const liar = { report: () => lie, respond: () => lies, endpoints: () => ({ respond: () => ({ ...lies }) }) };
    const health = watched(liar as unknown as Health);
    const refused = /^a report against the schema/;
    expect(() => health.report("readiness")).toThrow(refused);
    expect(() => health.respond({})).toThrow(refused);
    expect(() => health.endpoints({}).respond({})).toThrow(refused);
    expect(isWatched(createHealth())).toBe(true);
  });

  it("is held to it over the wire too", async () => {
    const server = createServer((_request, response) => response.end('{"status":"healthy","uptime":5}'));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    await expect(kubeProbe(`http://127.0.0.1:${port}/`)).rejects.toThrow(/^a report against the schema/);
    server.close();
  });
});
