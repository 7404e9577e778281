import * as core from "@otel-health/core";
import * as fastify from "@otel-health/fastify";
import * as http from "@otel-health/http";
import { describe, expect, expectTypeOf, it } from "vitest";
import { exportedNames } from "../../http/test/exported-names.ts";

describe("@otel-health/fastify", () => {
  it("exports everything that @otel-health/http exports, core with it, and its own", () => {
    expect({ ...fastify }).toEqual({ ...core, ...http, healthEndpoints: fastify.healthEndpoints });
  });

  it("exports every type of @otel-health/http", () => {
    const ofHttp = exportedNames(new URL("../../http/src/index.ts", import.meta.url));
    const own = exportedNames(new URL("../src/index.ts", import.meta.url));
    expect(ofHttp).toContain("type HealthServer");
    expect(own).toEqual(expect.arrayContaining([...ofHttp]));
    expectTypeOf<fastify.Health>().toEqualTypeOf<core.Health>();
    expectTypeOf<fastify.HealthPluginOptions>().toExtend<core.EndpointOptions>();
  });
});
