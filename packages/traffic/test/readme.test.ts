import { readFileSync } from "node:fs";
import { createTraffic, type PassiveOptions, type RequestsOptions } from "@otel-health/traffic";
import { describe, expect, it } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const traffic = createTraffic();
const common =
  "backoff critical dependsOn failureThreshold gracePeriodMs hint initialDelayMs intervalMs jitter persistentAfterMs probes slowAfterMs staleAfterMs successThreshold timeoutMs".split(
    " ",
  );

/** The first cells of the table below a marker. */
function listed(name: string): readonly string[] {
  const [, below = ""] = readme.split(`<!-- options: ${name} -->\n`);
  const [table = ""] = below.split("\n\n");
  return Array.from(table.matchAll(/^\| `(\w+)` +\|/gm), ([, option = ""]) => option);
}

/** The options that the complaint about a misspelled one lists, without those of any check. */
function own(call: () => unknown): readonly string[] {
  try {
    call();
  } catch (error) {
    const [, known = ""] = /the options are: (.*)$/.exec((error as Error).message) ?? [];
    return known.split(", ").filter((option) => !common.includes(option));
  }
  throw new Error("a misspelled option was accepted");
}

describe("the README's option tables", () => {
  it("list every option of requests()", () => {
    expect(listed("requests").toSorted()).toEqual(own(() => traffic.requests({ misspelled: true } as RequestsOptions)));
  });

  it("list every option of passive()", () => {
    const misspelled = { match: { a: "b" }, misspelled: true } as PassiveOptions;
    expect(listed("passive").toSorted()).toEqual(own(() => traffic.passive(misspelled)));
  });
});
