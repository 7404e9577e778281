export type { JobQueue, QueuedJob } from "./clients.ts";
export { type QueueOptions, queue } from "./queue.ts";
