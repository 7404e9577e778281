import * as core from "@otel-health/core";
import * as grpc from "@otel-health/grpc";
import { describe, expect, expectTypeOf, it } from "vitest";
import { exportedNames } from "../../http/test/exported-names.ts";

describe("@otel-health/grpc", () => {
  it("exports everything that @otel-health/core exports, and its own", () => {
    expect({ ...grpc }).toEqual({ ...core, addHealthService: grpc.addHealthService });
  });

  it("exports every type of @otel-health/core", () => {
    const ofCore = exportedNames(new URL("../../core/src/index.ts", import.meta.url));
    const own = exportedNames(new URL("../src/index.ts", import.meta.url));
    expect(ofCore).toContain("type EndpointOptions");
    expect(own).toEqual(expect.arrayContaining([...ofCore]));
    expectTypeOf<grpc.Health>().toEqualTypeOf<core.Health>();
  });
});
