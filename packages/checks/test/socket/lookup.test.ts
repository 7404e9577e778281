import dns, { type LookupAddress } from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { FakeClock } from "@otel-health/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Lookup } from "../../src/socket/lookup.ts";

const own = dns.promises.lookup;
afterEach(() => replace(own));

function replace(lookup: unknown): void {
  dns.promises.lookup = lookup as typeof own;
  syncBuiltinESMExports();
}

const asking = () => ({ signal: new AbortController().signal, clock: new FakeClock() });
const answers: readonly LookupAddress[] = [
  { address: "10.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

describe("Lookup", () => {
  it("answers a socket in both ways that it may ask in", async () => {
    replace(async () => answers);
    const lookup = new Lookup().of(asking());
    const all = await new Promise((resolve) => lookup("a", { all: true }, (...given) => resolve(given)));
    expect(all).toEqual([null, answers]);
    const one = await new Promise((resolve) => lookup("a", {}, (...given) => resolve(given)));
    expect(one).toEqual([null, "10.0.0.1", 4]);
  });

  it("hands on an error", async () => {
    replace(() => Promise.reject(new Error("no such name")));
    const [error] = await new Promise<unknown[]>((resolve) =>
      new Lookup().of(asking())("a", {}, (...given) => resolve(given)),
    );
    expect(error).toMatchObject({ message: "no such name" });
  });

  it("has at most three questions out, whoever has given up", async () => {
    let asked = 0;
    replace(() => {
      asked++;
      return new Promise(() => {});
    });
    const lookup = new Lookup();
    for (let run = 0; run < 5; run++) {
      const controller = new AbortController();
      const running = lookup.addresses({ signal: controller.signal, clock: new FakeClock() }, "a");
      controller.abort(new Error("time is up"));
      await expect(running).rejects.toThrow("time is up");
    }
    expect(asked).toBe(3);
  });
});
