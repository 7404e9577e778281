export { beatThrough } from "./shared-heartbeat/beat-through.ts";
