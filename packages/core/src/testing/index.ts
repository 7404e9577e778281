export type { Clock, Timer } from "../clock.ts";
export { type AdvanceUntilOptions, FakeClock } from "./fake-clock.ts";
export { abortable, delayed, hang, type ScriptStep } from "./script-step.ts";
export { type ScriptedCheck, type ScriptedRun, scripted } from "./scripted-check.ts";
export { settle } from "./settle.ts";
export { type Recorded, recordTransitions, type TransitionRecord } from "./transition-record.ts";
