import * as core from "@otel-health/core";
import * as http from "@otel-health/http";
import * as nestjs from "@otel-health/nestjs";
import { describe, expect, expectTypeOf, it } from "vitest";
import { exportedNames } from "../../http/test/exported-names.ts";

describe("@otel-health/nestjs", () => {
  it("exports everything that @otel-health/http exports, core with it, and its own", () => {
    expect({ ...nestjs }).toEqual({ ...core, ...http, HEALTH: nestjs.HEALTH, HealthModule: nestjs.HealthModule });
  });

  it("exports every type of @otel-health/http", () => {
    const ofHttp = exportedNames(new URL("../../http/src/index.ts", import.meta.url));
    const own = exportedNames(new URL("../src/index.ts", import.meta.url));
    expect(ofHttp).toContain("type HealthServer");
    expect(own).toEqual(expect.arrayContaining([...ofHttp]));
    expectTypeOf<nestjs.Health>().toEqualTypeOf<core.Health>();
    expectTypeOf<nestjs.HealthServer>().toEqualTypeOf<http.HealthServer>();
  });
});
