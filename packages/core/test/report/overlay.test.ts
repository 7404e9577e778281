import { createHealth, fail, type HealthOptions, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { formatOf, type LoopBlock, locate, overlay, type RenderedAnswer, withoutBody } from "@otel-health/core/worker";
import { describe, expect, it } from "vitest";
import { expectReport } from "../../../../test/schema/expect-report.ts";

const since = Date.UTC(2026, 10, 22, 13, 5, 7, 250);
const sentence = "the event loop has not turned since 2026-11-22T13:05:07Z";

/** The answers of a service whose cache warns. */
async function answers(options: HealthOptions = {}) {
  const health = createHealth({
    clock: new FakeClock(),
    checks: { postgres: push(), cache: push({ critical: false }) },
    ...options,
  });
  const { postgres, cache } = health.checks as ReturnType<
    typeof createHealth<{ postgres: ReturnType<typeof push>; cache: ReturnType<typeof push> }>
  >["checks"];
  postgres.pass();
  cache.pass();
  await health.start();
  const all = () => health.endpoints({ detail: "summary" }).render();
  const of = (probe: string, format = "json") =>
    all().find((answer) => answer.probe === probe && answer.format === format) as RenderedAnswer;
  return { health, postgres, cache, all, of };
}

const block = (stage: LoopBlock["stage"]): LoopBlock => ({ since, stage });

describe("render()", () => {
  it("gives each probe in each format, with the bytes that respond() answers", async () => {
    const { health } = await answers();
    const endpoints = health.endpoints({ prefix: "/internal", reasonHeader: true });
    const accepts = { json: "application/json", "health+json": "application/health+json", text: "text/plain" };
    const rendered = endpoints.render();
    expect(rendered.map(({ probe, format }) => `${probe} ${format}`)).toEqual(
      ["startup", "readiness", "serving", "liveness"].flatMap((probe) =>
        ["json", "health+json", "text"].map((format) => `${probe} ${format}`),
      ),
    );
    expect(rendered.flatMap(({ paths, format }) => (format === "json" ? paths : []))).toEqual(endpoints.paths);
    for (const { paths, format, response, verdict } of rendered) {
      expect(verdict).toBe("healthy");
      for (const url of paths) {
        const answered = endpoints.respond({ method: "GET", url, headers: { accept: accepts[format] } });
        expect(response).toEqual(answered);
        expect(response.rawHeaders).toEqual(answered?.rawHeaders);
      }
    }
  });

  it("is of now, also where no request was rendered anew yet", async () => {
    const { postgres, of } = await answers();
    expect(of("readiness")).toMatchObject({ verdict: "healthy", response: { status: 200 } });
    postgres.fail("gone");
    expect(of("readiness")).toMatchObject({ verdict: "unhealthy", response: { status: 503 } });
  });

  it("gives groups too, with their own status codes", async () => {
    const { of } = await answers({
      groups: { payments: { checks: ["cache"], statusCodes: { healthy: 200, degraded: 207, unhealthy: 500 } } },
    });
    expect(of("payments")).toMatchObject({ paths: ["/groupz/payments"], statusCodes: { unhealthy: 500 } });
    expect(overlay(of("payments"), block("unready")).status).toBe(500);
    expect(overlay(of("payments"), block("blocked")).status).toBe(207);
  });
});

describe("overlay()", () => {
  it.each([
    ["blocked", { startup: 200, readiness: 200, serving: 200, liveness: 200 }],
    ["unready", { startup: 200, readiness: 503, serving: 503, liveness: 200 }],
    ["dead", { startup: 200, readiness: 503, serving: 503, liveness: 503 }],
  ] as const)("%s: each probe answers what it means for it", async (stage, codes) => {
    const { all } = await answers();
    for (const answer of all()) {
      expect(overlay(answer, block(stage)).status, `${answer.probe} ${answer.format}`).toBe(
        codes[answer.probe as never],
      );
    }
  });

  it("adds the time to JSON, and says it in a sentence where the verdict is its doing", async () => {
    const { of } = await answers();
    const { body } = overlay(of("readiness"), block("unready"));
    const { checks, ...head } = JSON.parse(body);
    expect(head).toEqual({
      status: "unhealthy",
      timestamp: expect.any(String),
      message: sentence,
      lifecycle: "ready",
      blockedSince: "2026-11-22T13:05:07.250Z",
    });
    expect(checks).toEqual(JSON.parse(of("readiness").response.body).checks);
    expect(Object.keys(JSON.parse(body))).toEqual([
      "status",
      "timestamp",
      "message",
      "lifecycle",
      "blockedSince",
      "checks",
    ]);
    expectReport(JSON.parse(body));
  });

  it("leaves a verdict and its reason alone that are as bad already", async () => {
    const { of, postgres } = await answers();
    postgres.fail("gone");
    const plain = of("readiness");
    const { body, status, rawHeaders } = overlay(plain, block("unready"));
    expect(status).toBe(503);
    expect(
      rawHeaders.filter((_, i) => rawHeaders[i] !== "Content-Length" && rawHeaders[i - 1] !== "Content-Length"),
    ).toEqual(
      plain.response.rawHeaders.filter(
        (header, i, all) => header !== "Content-Length" && all[i - 1] !== "Content-Length",
      ),
    );
    const { blockedSince, ...rest } = JSON.parse(body);
    expect(blockedSince).toBe("2026-11-22T13:05:07.250Z");
    expect(rest).toEqual(JSON.parse(plain.response.body));
  });

  it("never makes anything better", async () => {
    const { health, all } = await answers();
    health.fatal("corrupt heap");
    for (const answer of all()) {
      for (const stage of ["blocked", "unready", "dead"] as const)
        expect(overlay(answer, block(stage)).status).toBeGreaterThanOrEqual(answer.response.status);
    }
  });

  it("of liveness promises nothing, of readiness to be back in a second", async () => {
    const { of } = await answers();
    expect(overlay(of("liveness"), block("dead")).headers["Retry-After"]).toBeUndefined();
    expect(overlay(of("readiness"), block("unready")).headers["Retry-After"]).toBe("1");
    expect(overlay(of("readiness"), block("blocked")).headers["Retry-After"]).toBeUndefined();
  });

  it("tells it in the other formats as they tell things", async () => {
    const { of } = await answers();
    const text = overlay(of("liveness", "text"), block("blocked"));
    expect(text.body).toBe(`liveness is degraded: ${sentence}\n`);
    expect(overlay(of("readiness", "text"), block("unready")).body).toBe(
      `[+]postgres ok\n[+]cache ok\nreadiness is unhealthy: ${sentence}\n`,
    );
    const { checks: _, ...draft } = JSON.parse(overlay(of("readiness", "health+json"), block("unready")).body);
    expect(draft).toEqual({ status: "fail", description: "readiness", output: sentence });
    const unchanged = of("startup", "text");
    expect(overlay(unchanged, block("dead"))).toEqual(unchanged.response);
  });

  it("tells the header that stands for the body", async () => {
    const { health } = await answers();
    const render = (detail: "status" | "summary") =>
      health
        .endpoints({ reasonHeader: true, detail })
        .render()
        .find(({ probe }) => probe === "readiness") as RenderedAnswer;
    expect(overlay(render("summary"), block("unready")).headers["X-Health-Reason"]).toBe(sentence);
    expect(overlay(render("status"), block("unready")).headers["X-Health-Reason"]).toBe("unhealthy");
  });

  it("tells at detail status no more than the verdict", async () => {
    const { health } = await answers();
    for (const answer of health.endpoints({ detail: "status" }).render()) {
      const told = overlay(answer, block("unready")).body;
      const expected = answer.response.body.replace(/healthy|pass/, (word) =>
        answer.probe === "startup"
          ? word
          : ({
              healthy: answer.probe === "liveness" ? "degraded" : "unhealthy",
              pass: answer.probe === "liveness" ? "warn" : "fail",
            }[word] ?? ""),
      );
      if (answer.format === "text") expect(told).toBe(expected);
      else expect(JSON.parse(told)).toEqual(JSON.parse(expected));
    }
  });

  it("tells the length of the body that it has", async () => {
    const { all } = await answers();
    for (const answer of all()) {
      const { headers, body } = overlay(answer, block("dead"));
      expect(headers["Content-Length"]).toBe(String(Buffer.byteLength(body)));
      expect(withoutBody(overlay(answer, block("dead"))).headers).toEqual(headers);
    }
  });
});

describe("what else a worker has", () => {
  it("finds its routes and formats as the main thread does", () => {
    const routes = new Map([["/readyz", "readiness"]]);
    expect(locate(routes, "/readyz/?verbose")).toEqual({ route: "readiness", check: undefined, query: "verbose" });
    expect(locate(routes, "/readyz/postgres")).toMatchObject({ check: "postgres" });
    expect(locate(routes, "/orders")).toBeUndefined();
    expect(formatOf("text/plain")).toBe("text");
    expect(fail("x").status).toBe("fail");
  });
});
