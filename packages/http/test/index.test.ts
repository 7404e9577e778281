import * as core from "@otel-health/core";
import * as http from "@otel-health/http";
import { describe, expect, expectTypeOf, it } from "vitest";
import { exportedNames } from "./exported-names.ts";

describe("@otel-health/http", () => {
  it("exports everything that core exports, and its own", () => {
    const { attachHealth, gracefulClose, healthFetch, healthMiddleware, lastAnswers, listenAgent, listenHealth } = http;
    const { endWorkers, reportToPrimary, watchWorkers } = http;
    const serving = {
      attachHealth,
      gracefulClose,
      healthFetch,
      healthMiddleware,
      lastAnswers,
      listenAgent,
      listenHealth,
    };
    const own = { ...serving, endWorkers, reportToPrimary, watchWorkers };
    expect({ ...http }).toEqual({ ...core, ...own });
  });

  it("exports every type of core", () => {
    const ofCore = exportedNames(new URL("../../core/src/index.ts", import.meta.url));
    const own = exportedNames(new URL("../src/index.ts", import.meta.url));
    expect(ofCore).toContain("type Health");
    expect(own).toEqual(expect.arrayContaining([...ofCore]));
    expectTypeOf<http.Health>().toEqualTypeOf<core.Health>();
    expectTypeOf<http.Transition>().toEqualTypeOf<core.Transition>();
    expectTypeOf<http.ListenOptions>().toExtend<core.EndpointOptions>();
  });
});
