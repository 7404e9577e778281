import * as core from "@otel-health/core";
import * as hono from "@otel-health/hono";
import * as http from "@otel-health/http";
import { describe, expect, expectTypeOf, it } from "vitest";
import { exportedNames } from "../../http/test/exported-names.ts";

describe("@otel-health/hono", () => {
  it("exports everything that @otel-health/http exports, core with it, and its own", () => {
    expect({ ...hono }).toEqual({ ...core, ...http, healthEndpoints: hono.healthEndpoints });
  });

  it("exports every type of @otel-health/http", () => {
    const ofHttp = exportedNames(new URL("../../http/src/index.ts", import.meta.url));
    const own = exportedNames(new URL("../src/index.ts", import.meta.url));
    expect(ofHttp).toContain("type HealthServer");
    expect(own).toEqual(expect.arrayContaining([...ofHttp]));
    expectTypeOf<hono.Health>().toEqualTypeOf<core.Health>();
    expectTypeOf<hono.HealthServer>().toEqualTypeOf<http.HealthServer>();
  });
});
