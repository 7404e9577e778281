import * as core from "@otel-health/core";
import * as http from "@otel-health/http";
import * as koa from "@otel-health/koa";
import { describe, expect, expectTypeOf, it } from "vitest";
import { exportedNames } from "../../http/test/exported-names.ts";

describe("@otel-health/koa", () => {
  it("exports everything that @otel-health/http exports, core with it, and its own", () => {
    expect({ ...koa }).toEqual({ ...core, ...http, healthEndpoints: koa.healthEndpoints });
  });

  it("exports every type of @otel-health/http", () => {
    const ofHttp = exportedNames(new URL("../../http/src/index.ts", import.meta.url));
    const own = exportedNames(new URL("../src/index.ts", import.meta.url));
    expect(ofHttp).toContain("type HealthServer");
    expect(own).toEqual(expect.arrayContaining([...ofHttp]));
    expectTypeOf<koa.Health>().toEqualTypeOf<core.Health>();
    expectTypeOf<koa.HealthServer>().toEqualTypeOf<http.HealthServer>();
  });
});
