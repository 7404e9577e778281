import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CauseState, Dependencies } from "../../src/monitor/dependencies.ts";
import { runs } from "./settings.ts";

const names = ["a", "b", "c", "d", "e", "f"];
const anyEdges = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 12 });
const anyState: fc.Arbitrary<CauseState | undefined> = fc.option(
  fc.record({
    status: fc.constantFrom("healthy", "degraded", "unhealthy", "unhealthy", "unknown"),
    since: fc.integer({ min: 0, max: 3 }),
  }),
  { nil: undefined },
);
const anyStates = fc.record(Object.fromEntries(names.map((name) => [name, anyState])));

/** What each name depends on, as the edges say. */
function direct(edges: readonly (readonly [string, string])[], name: string): readonly string[] {
  return edges.flatMap(([from, to]) => (from === name ? [to] : []));
}

/** Everything in reach, found by walking as many steps as there are names. */
function reach(edges: readonly (readonly [string, string])[], name: string): ReadonlySet<string> {
  let reached = new Set<string>();
  for (let step = 0; step < names.length; step++) {
    reached = new Set(
      [name, ...reached]
        .flatMap((from) => [...(from === name || reached.has(from) ? direct(edges, from) : [])])
        .concat(...reached),
    );
  }
  return reached;
}

/** The dependencies of as many of the edges as make no cycle, and those edges. */
function acyclic(edges: readonly (readonly [string, string])[]) {
  const kept: [string, string][] = [];
  for (const [from, to] of edges) if (from !== to && !reach(kept, to).has(from)) kept.push([from, to]);
  const dependencies = new Dependencies();
  for (const name of names) dependencies.add(name, [...new Set(direct(kept, name))], () => true);
  return { kept, dependencies };
}

describe("Dependencies", () => {
  it("knows ancestors and dependents as a walk along the edges finds them", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const { kept, dependencies } = acyclic(edges);
        for (const name of names) {
          expect(new Set(dependencies.ancestorsOf(name))).toEqual(reach(kept, name));
          expect(new Set(dependencies.dependentsOf(name))).toEqual(
            new Set(names.filter((other) => reach(kept, other).has(name))),
          );
        }
      }),
      runs(300),
    );
  });

  it("blames of the unhealthy ancestors one that has no unhealthy ancestor, the oldest, then the first", () => {
    let blamed = 0;
    fc.assert(
      fc.property(anyEdges, anyStates, (edges, states) => {
        const { kept, dependencies } = acyclic(edges);
        const isDown = (name: string) => states[name]?.status === "unhealthy";
        for (const name of names) {
          const roots = [...reach(kept, name)].filter((one) => isDown(one) && ![...reach(kept, one)].some(isDown));
          const [root] = roots.toSorted(
            (one, other) => states[one]!.since - states[other]!.since || (one < other ? -1 : 1),
          );
          expect(dependencies.rootCauseOf(name, (other) => states[other])).toBe(root);
          if (root !== undefined) blamed++;
        }
      }),
      runs(500),
    );
    expect(blamed).toBeGreaterThan(200);
  });

  it("refuses exactly the edges that close a cycle, in whatever order they come, and names the cycle", () => {
    let refused = 0;
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const dependencies = new Dependencies();
        const kept: [string, string][] = [];
        for (const [from, to] of edges) {
          const wanted = [...new Set([...direct(kept, from), to])];
          const closes = from === to || reach(kept, to).has(from);
          let message: string | undefined;
          try {
            dependencies.add(from, wanted, () => true);
            kept.push([from, to]);
          } catch (error) {
            ({ message } = error as Error);
          }
          expect(message !== undefined).toBe(closes);
          if (message === undefined) continue;
          refused++;
          const cycle = /^checks depend on each other: (.*); take one/.exec(message)![1]!.split(" on ");
          expect(cycle[0]).toBe(cycle.at(-1));
          const all = [...kept, [from, to] as const];
          for (let i = 1; i < cycle.length; i++) expect(direct(all, cycle[i - 1]!)).toContain(cycle[i]);
        }
      }),
      runs(300),
    );
    expect(refused).toBeGreaterThan(50);
  });

  it("forgets what a removed check depended on", () => {
    const dependencies = new Dependencies();
    dependencies.add("a", ["b"], () => true);
    dependencies.add("b", ["c"], () => true);
    expect(dependencies.ancestorsOf("a")).toEqual(["b", "c"]);
    dependencies.remove("b");
    expect(dependencies.ancestorsOf("a")).toEqual(["b"]);
    expect(dependencies.dependentsOf("c")).toEqual([]);
    dependencies.add("c", ["a"], () => true);
    expect(() => dependencies.add("b", ["c"], () => true)).toThrow("b on c on a on b");
  });
});
