export type { AppWide, ConformanceAdapter, ConformanceServer, Mount, Setup } from "./adapter.ts";
export { describeConformance } from "./describe-conformance.ts";
export { listening } from "./listening.ts";
