import type { PanicOrigin } from "@otel-health/watchdog";
import type { RejectionMode } from "../../src/panics/rejection-mode.ts";

/** What an application may do about panics itself. */
export type Handler = "exception" | "capture" | "rejection" | "once" | "rethrow" | "removed";
/** How it panics. */
export type Trigger = "throw" | "throwNothing" | "reject" | "rejectNothing";

export interface PanicCase {
  readonly mode: RejectionMode | undefined;
  readonly handlers: readonly Handler[];
  readonly trigger: Trigger;
}

const modes = [undefined, "throw", "strict", "warn", "none", "warn-with-error-code"] as const;
const handlings: readonly (readonly Handler[])[] = [[], ["exception"], ["rejection"], ["rethrow"]];
const otherHandlings: readonly (readonly Handler[])[] = [
  ["capture"],
  ["once"],
  ["removed"],
  ["exception", "rejection"],
  ["exception", "rethrow"],
];

export const panicCases: readonly PanicCase[] = [
  ...modes.flatMap((mode) => handlings.map((handlers) => ({ mode, handlers, trigger: "reject" as const }))),
  ...otherHandlings.map((handlers) => ({ mode: undefined, handlers, trigger: "reject" as const })),
  { mode: "strict", handlers: ["exception", "rethrow"], trigger: "reject" },
  ...[[], ["exception"], ["capture"], ["rejection"]].map((handlers) => ({
    mode: undefined,
    handlers: handlers as Handler[],
    trigger: "throw" as const,
  })),
  { mode: undefined, handlers: [], trigger: "throwNothing" },
  { mode: undefined, handlers: [], trigger: "rejectNothing" },
  { mode: undefined, handlers: ["rejection"], trigger: "rejectNothing" },
  { mode: "warn-with-error-code", handlers: [], trigger: "rejectNothing" },
];

/** A rejection as applications make it. */
export async function rejecting(): Promise<never> {
  throw new Error("rejected");
}

export interface ExpectedPanic {
  readonly origin: PanicOrigin;
  readonly fatal: boolean;
}

/** The panics that Node makes of it, as its documentation has it. */
export function expectedPanics({ mode = "throw", handlers, trigger }: PanicCase): readonly ExpectedPanic[] {
  const has = (...any: Handler[]) => any.some((handler) => handlers.includes(handler));
  const fatal = !has("exception", "capture");
  const exception: ExpectedPanic = { origin: "uncaughtException", fatal };
  if (trigger.startsWith("throw")) return [exception];
  // There the listeners are asked after someone has taken the exception.
  if (mode === "strict")
    return [{ origin: "unhandledRejection", fatal }, ...(has("rethrow") && !fatal ? [exception] : [])];
  if (has("rethrow")) return [exception];
  const isException = mode === "throw" && !has("rejection", "once");
  return [{ origin: "unhandledRejection", fatal: isException && fatal }];
}

/** How each is described. */
export const described: { readonly [T in Trigger]: RegExp } = {
  throw: /^uncaught exception: thrown$/,
  throwNothing: /^uncaught exception: threw undefined$/,
  reject: /^(?:uncaught exception|unhandled rejection): (?:Error: )?rejected$/,
  rejectNothing: /^unhandled rejection: .*undefined/,
};
