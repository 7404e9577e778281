import fc from "fast-check";
import type { Observation } from "../../src/observation/observation.ts";
import { type CheckState, initialState } from "../../src/state/check-state.ts";
import { reduce, type StateEvent } from "../../src/state/reduce.ts";
import type { Happening, ModelRules } from "./reduce-model.ts";

/** Wall time minus monotonic time, so that a mix-up of the two shows. */
export const wallOffset = 1_000_000;

/** Small numbers, so that ends of grace, staleness and persistence often fall on one moment. */
export const anyRules: fc.Arbitrary<ModelRules> = fc.record({
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  gracePeriodMs: fc.integer({ min: 0, max: 30 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  persistentAfterMs: fc.integer({ min: 1, max: 60 }),
  slowAfterMs: fc.integer({ min: 0, max: 10 }),
  flapping: fc.option(
    fc.record({
      changes: fc.integer({ min: 2, max: 4 }),
      withinMs: fc.integer({ min: 10, max: 200 }),
      holdMs: fc.integer({ min: 1, max: 40 }),
    }),
    { nil: undefined },
  ),
});

const anyAnswer = fc.record({
  kind: fc.constant("answer" as const),
  after: fc.integer({ min: 0, max: 15 }),
  outcome: fc.oneof(
    { weight: 5, arbitrary: fc.constant("fail" as const) },
    { weight: 2, arbitrary: fc.constant("pass" as const) },
    { weight: 2, arbitrary: fc.constant("warn" as const) },
  ),
  fault: fc.constantFrom("transient" as const, "persistent" as const, "fatal" as const),
  stuck: fc.integer({ min: 0, max: 9 }).map((lot) => lot === 0),
  starting: fc.boolean(),
  freshFor: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(Number.POSITIVE_INFINITY)),
  durationMs: fc.integer({ min: 0, max: 15 }),
  loopLagMs: fc.integer({ min: 0, max: 8 }),
});

const anyLook = fc.record({ kind: fc.constant("look" as const), after: fc.integer({ min: 0, max: 30 }) });

type Step = ReturnType<typeof anyAnswer.generate>["value"] | ReturnType<typeof anyLook.generate>["value"];

/** Happenings in the order of their times; now and then long ones, which random lengths seldom are. */
export const anyHistory: fc.Arbitrary<readonly Happening[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: anyAnswer }, { weight: 2, arbitrary: anyLook }) as fc.Arbitrary<Step>, {
    minLength: 1,
    maxLength: 40,
    size: "max",
  })
  .map((steps) => {
    let at = 0;
    return steps.map((step): Happening => {
      at += step.after;
      if (step.kind === "look") return { kind: "look", at };
      const { after: _, freshFor, ...answer } = step;
      return { ...answer, at, staleAt: at + freshFor, stuck: answer.stuck && answer.outcome === "fail" };
    });
  });

/** The event that the reducer is told of a happening. */
export function eventOf(happening: Happening): StateEvent {
  const { at } = happening;
  const wallAt = at + wallOffset;
  if (happening.kind === "look") return { type: "elapsed", at, wallAt };
  const { outcome, fault, stuck, starting, staleAt, durationMs, loopLagMs } = happening;
  const observation: Observation = {
    outcome,
    message: undefined,
    hint: undefined,
    errorType: outcome === "fail" ? "Error" : undefined,
    fault: outcome === "fail" ? fault : undefined,
    retryAfterMs: 0,
    at,
    clockAt: at,
    wallAt,
    durationMs,
    loopLagMs,
    stuck,
  };
  return { type: "observed", at, wallAt, observation, staleAt, starting };
}

/** The states after each happening, the initial one first. */
export function statesOf(rules: ModelRules, history: readonly Happening[]): readonly CheckState[] {
  const states = [initialState(0, wallOffset)];
  for (const happening of history) states.push(reduce(rules, states.at(-1)!, eventOf(happening)));
  return states;
}
