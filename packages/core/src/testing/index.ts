export type { Clock, Timer } from "../clock.ts";
export { FakeClock, settle } from "./fake-clock.ts";
