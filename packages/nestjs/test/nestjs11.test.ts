import { describe, expect, it, vi } from "vitest";
import { nestjs11 } from "./nestjs11.ts";

// The same tests, of the oldest line that the peer range allows.
import "./conformance.test.ts";
import "./health-module.test.ts";
import "./orchestration.test.ts";

vi.mock("@nestjs/common", async () => (await import("./nestjs11.ts")).nestjs11("@nestjs/common"));
vi.mock("@nestjs/core", async () => (await import("./nestjs11.ts")).nestjs11("@nestjs/core"));
vi.mock("@nestjs/platform-express", async () => (await import("./nestjs11.ts")).nestjs11("@nestjs/platform-express"));
vi.mock("@nestjs/platform-fastify", async () => (await import("./nestjs11.ts")).nestjs11("@nestjs/platform-fastify"));

describe("the tests of this file", () => {
  it("run on NestJS 11", async () => {
    expect((await import("@nestjs/core")).NestFactory).toBe(
      (nestjs11("@nestjs/core") as { NestFactory: object }).NestFactory,
    );
    expect(nestjs11("@nestjs/core/package.json")).toHaveProperty("version", expect.stringMatching(/^11\./));
  });
});
