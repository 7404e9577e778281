// Preloaded by NODE_OPTIONS, as an SDK is.
import { threadId } from "node:worker_threads";

console.log(`preloaded in thread ${threadId}`);
