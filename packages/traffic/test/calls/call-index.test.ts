import type { Attributes } from "@opentelemetry/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallIndex, type CallWatcher } from "../../src/calls/call-index.ts";
import { type Match, meets, readMatch } from "../../src/calls/matcher.ts";
import { runs } from "../runs.ts";

const watcher = (): CallWatcher => ({ begun() {}, ended: () => undefined, givenUp() {}, amend() {} });

/** Whether a watcher of `match` hears of a call with these attributes. */
function matches(match: Match, attributes: Attributes): boolean {
  const index = new CallIndex();
  const one = watcher();
  index.add(one, readMatch("match", match));
  const found = index.find(attributes);
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0] === one;
}

describe("a match", () => {
  it.each<[Match, Attributes, boolean]>([
    [{ "server.address": "api.stripe.com" }, { "server.address": "api.stripe.com", "server.port": 443 }, true],
    [{ "server.address": "api.stripe.com" }, { "server.address": "api.stripe.com.evil.example" }, false],
    [{ "server.address": "api.stripe.com" }, {}, false],
    [{ "server.address": ["a", "b"] }, { "server.address": "b" }, true],
    [{ "server.address": "a", "server.port": 5432 }, { "server.address": "a", "server.port": 5432 }, true],
    [{ "server.address": "a", "server.port": 5432 }, { "server.address": "a", "server.port": 5433 }, false],
    [{ "server.port": 5432 }, { "server.port": "5432" }, true],
    [{ "server.port": "5432" }, { "server.port": 5432 }, true],
    [{ idempotent: true }, { idempotent: true }, true],
    [{ idempotent: true }, { idempotent: "true" }, false],
    [(attributes) => attributes["rpc.service"] === "orders", { "rpc.service": "orders" }, true],
    [(attributes) => attributes["rpc.service"] === "orders", {}, false],
  ])("%j of %j: %j", (match, attributes, expected) => {
    expect(matches(match, attributes)).toBe(expected);
  });

  it.each<[Match, Attributes]>([
    [{ "db.system.name": "postgresql" }, { "db.system": "postgresql" }],
    [{ "db.system": "postgresql" }, { "db.system.name": "postgresql" }],
    [{ "db.system.name": "microsoft.sql_server" }, { "db.system": "mssql" }],
    [{ "db.system": "mssql" }, { "db.system.name": "microsoft.sql_server" }],
    [{ "server.address": "db" }, { "net.peer.name": "db" }],
    [
      { "net.peer.name": "db", "net.peer.port": 1 },
      { "server.address": "db", "server.port": 1 },
    ],
    [{ "db.namespace": "orders" }, { "db.name": "orders" }],
    [{ "rpc.system": "grpc" }, { "rpc.system.name": "grpc" }],
    [{ "messaging.destination.name": "q" }, { "messaging.destination": "q" }],
    [{ "http.request.method": "GET" }, { "http.method": "GET" }],
  ])("%j finds %j: either name of what was renamed does for both", (match, attributes) => {
    expect(matches(match, attributes)).toBe(true);
  });

  it("goes by today's name where a span has both", () => {
    const both = { "db.system.name": "postgresql", "db.system": "other_sql" };
    expect(matches({ "db.system.name": "postgresql" }, both)).toBe(true);
    expect(matches({ "db.system": "other_sql" }, both)).toBe(false);
  });
});

describe("CallIndex", () => {
  it("finds whom a look at each watcher would find, each once", () => {
    const names = ["db.system.name", "db.system", "server.address", "net.peer.name", "server.port", "x"];
    const value = fc.constantFrom("a", "b", 1, 2, true);
    const attributes = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 });
    const match = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(value, { minLength: 1 })), {
      minKeys: 1,
      maxKeys: 3,
    });
    fc.assert(
      fc.property(fc.array(match, { maxLength: 6 }), attributes, (given, of) => {
        const index = new CallIndex();
        const all = given.map((each) => {
          const matcher = readMatch("match", each);
          const one = watcher();
          index.add(one, matcher);
          return { one, matches: Array.isArray(matcher) && matcher.every((criterion) => meets(criterion, of)) };
        });
        const found = index.find(of);
        expect(new Set(found)).toEqual(new Set(all.filter(({ matches }) => matches).map(({ one }) => one)));
        expect(new Set(found).size).toBe(found.length);
      }),
      runs(1_000),
    );
  });

  it("forgets whoever is taken off", () => {
    const index = new CallIndex();
    const one = watcher();
    const other = watcher();
    const off = index.add(one, readMatch("match", { x: "a" }));
    index.add(other, readMatch("match", { x: ["a", "b"] }));
    expect(index.find({ x: "a" })).toEqual([one, other]);
    off();
    off();
    expect(index.find({ x: "a" })).toEqual([other]);
    expect(index.isEmpty).toBe(false);
  });
});
