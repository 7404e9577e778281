import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Detail, HealthResponse, ProbeName } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { type Scenario, scenarios } from "./scenarios.ts";

/** An answer as a golden file keeps it. Its body is kept parsed, for the eye; written down again it is the bytes. */
interface GoldenAnswer {
  readonly status: number;
  readonly "Retry-After"?: string;
  readonly body: unknown;
}

type Golden = { readonly [probeAndDetail: string]: GoldenAnswer };

const details: readonly Detail[] = ["status", "summary", "full"];

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}.json`, import.meta.url));
}

async function answersOf({ probes, make }: Scenario): Promise<ReadonlyMap<string, HealthResponse>> {
  const { health } = await make();
  const answers = new Map<string, HealthResponse>();
  for (const probe of probes) {
    for (const detail of details) {
      const paths = { startup: [], readiness: [], serving: [], liveness: [], [probe]: ["/probe"] };
      const endpoints = health.endpoints({ detail, paths });
      answers.set(`${probe} ${detail}`, endpoints.respond({ method: "GET", url: "/probe" })!);
    }
  }
  return answers;
}

function goldenOf({ status, headers, body }: HealthResponse): GoldenAnswer {
  const retryAfter = headers["Retry-After"];
  return { status, ...(retryAfter !== undefined && { "Retry-After": retryAfter }), body: JSON.parse(body) };
}

// A deliberate change of the wire is written with UPDATE_GOLDEN=1, and read before it is committed.
if (process.env["UPDATE_GOLDEN"] === "1") {
  for (const [name, scenario] of Object.entries(scenarios)) {
    const golden: Record<string, GoldenAnswer> = {};
    for (const [key, response] of await answersOf(scenario)) golden[key] = goldenOf(response);
    writeFileSync(fileOf(name), `${JSON.stringify(golden, null, 2)}\n`);
  }
}

describe("the bytes of an answer", () => {
  it.each(Object.entries(scenarios))("are those of the golden file: %s", async (name, scenario) => {
    const golden = JSON.parse(readFileSync(fileOf(name), "utf8")) as Golden;
    const answers = await answersOf(scenario);
    expect([...answers.keys()]).toEqual(Object.keys(golden));
    for (const [key, response] of answers) {
      const { status, body, "Retry-After": retryAfter } = golden[key]!;
      expect(response.body).toBe(JSON.stringify(body));
      expect(response.status).toBe(status);
      expect(response.headers["Retry-After"]).toBe(retryAfter);
    }
  });

  it("are those of report() of the same probe and detail", async () => {
    for (const scenario of Object.values(scenarios)) {
      const { health } = await scenario.make();
      for (const probe of scenario.probes as readonly ProbeName[]) {
        const endpoints = health.endpoints({ detail: "full" });
        const url = { startup: "/startupz", readiness: "/readyz", serving: "/servez", liveness: "/livez" }[probe];
        expect(endpoints.respond({ method: "GET", url })!.body).toBe(JSON.stringify(health.report(probe)));
      }
    }
  });
});
