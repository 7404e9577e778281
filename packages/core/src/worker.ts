export { type Clock, systemClock, type Timer } from "./clock.ts";
export { formatOf } from "./report/accept.ts";
export type { Format } from "./report/format.ts";
export { type Located, locate } from "./report/locate.ts";
export { type LoopBlock, overlay } from "./report/overlay.ts";
export type { RenderedAnswer } from "./report/rendered-answer.ts";
export { type HealthResponse, withoutBody } from "./report/response.ts";
export { notAllowed, notFound } from "./report/unserved.ts";
