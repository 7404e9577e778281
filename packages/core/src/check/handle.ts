import type { OutcomeDetails } from "../observation/outcome.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthState } from "../state/check-state.ts";
import type { Check, CheckKind } from "./check.ts";

/** What an application holds of a registered check. */
export interface CheckHandle {
  readonly name: string;
  readonly status: HealthState;
  /** The check as the newest snapshot has it. */
  snapshot(): CheckSnapshot;
  /** Removes the check from its probes; resolves when its run has ended, within a second. */
  unregister(): Promise<void>;
}

/** A heartbeat's handle. */
export interface HeartbeatHandle extends CheckHandle {
  /** Says that the loop turned. Cheap enough for every turn. */
  beat(): void;
  /** Beats since the check was registered. */
  readonly beats: number;
}

/** A push check's handle: sets the outcome, which counts at once. */
export interface PushHandle extends CheckHandle {
  pass(message?: string): void;
  warn(message: string, details?: OutcomeDetails): void;
  fail(message: string, details?: OutcomeDetails): void;
}

/** A gate's handle. */
export interface GateHandle extends CheckHandle {
  readonly isOpen: boolean;
  open(): void;
  /** Readiness and serving fail until it is opened again; `reason` stands in full reports. */
  close(reason?: string): void;
}

/** The handles by kind of check. */
export interface HandleByKind {
  readonly function: CheckHandle;
  readonly threshold: CheckHandle;
  readonly heartbeat: HeartbeatHandle;
  readonly push: PushHandle;
  readonly gate: GateHandle;
}

/** The kind that a check is registered as. */
export type KindOf<C extends Check> = C extends { readonly kind: infer K extends CheckKind } ? K : "function";

/** The handle that a check gives. */
export type HandleOf<C extends Check> = HandleByKind[KindOf<C>];

/** Checks by name, as `createHealth` takes them. */
export type Checks = { readonly [name: string]: Check };

/** The handles of checks by name. */
export type HandlesOf<C extends Checks> = { readonly [N in keyof C]: HandleOf<C[N]> };
