// Given to `node --import`: lets instrumentations patch what is loaded by `import`, as their register files do.
import { register } from "node:module";

register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);
