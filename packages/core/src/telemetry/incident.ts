import type { SpanContext } from "@opentelemetry/api";
import type { Clock } from "../clock.ts";
import { badness, type HealthState } from "../state/check-state.ts";

/** From leaving `healthy` to being `healthy` again. */
export interface Incident {
  /** The opening transition's trace id where that is sampled, else 32 random hex digits. */
  readonly id: string;
  /** When the first failure of it came: wall time, milliseconds. */
  readonly wallSince: number;
  /** The opening transition span, where it is sampled. */
  readonly span: SpanContext | undefined;
  /** The worst state that it has seen. */
  readonly worst: HealthState;
}

/** An incident this long, in milliseconds, is told of before its end, and every so often from then on. */
export const segmentEveryMs = 900_000;

/** 32 hex digits, as a trace id has. */
export function randomIncidentId(clock: Clock): string {
  let id = "";
  for (let i = 0; i < 4; i++)
    id += Math.floor(clock.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return id;
}

/** The worse of two states. */
export function worst(one: HealthState, other: HealthState): HealthState {
  return badness[one] >= badness[other] ? one : other;
}
