import { readFileSync } from "node:fs";
import {
  type AgentOptions,
  createHealth,
  type EndpointOptions,
  healthMiddleware,
  type ListenOptions,
  type PortOptions,
} from "@otel-health/http";
import { describe, expect, it } from "vitest";

/** The first cells of the option tables of a package's README. */
function listedOptions(folder: string): readonly string[] {
  const readme = readFileSync(new URL(`../../${folder}/README.md`, import.meta.url), "utf8");
  return Array.from(readme.matchAll(/^\| `(\w+)` +\|/gm), ([, option = ""]) => option);
}

/** The options that the complaint about a misspelled one lists. */
function endpointOptions(): readonly string[] {
  try {
    healthMiddleware(createHealth(), { misspelled: true } as EndpointOptions);
  } catch (error) {
    const [, known = ""] = /the options are: (.*)$/.exec((error as Error).message) ?? [];
    return known.split(", ");
  }
  throw new Error("a misspelled option was accepted");
}

// Complete because the compiler says so.
const listenOptions: { readonly [O in Exclude<keyof ListenOptions, keyof EndpointOptions>]: true } = {
  port: true,
  host: true,
  closeWithinMs: true,
  clock: true,
};

const agentOptions: { readonly [O in Exclude<keyof AgentOptions, keyof PortOptions>]: true } = {
  probe: true,
  weight: true,
};

describe("the READMEs' option tables", () => {
  it("list every option of @otel-health/http", () => {
    const own = Object.keys({ ...listenOptions, ...agentOptions });
    expect(listedOptions("http").toSorted()).toEqual([...endpointOptions(), ...own].toSorted());
  });

  it.each(["express", "koa", "hono"])("list every option of @otel-health/%s", (folder) => {
    expect(listedOptions(folder).toSorted()).toEqual(endpointOptions().toSorted());
  });
});
