export type { OrchestrationAdapter, OrchestrationServer } from "./adapter.ts";
export { describeOrchestration } from "./describe-orchestration.ts";
