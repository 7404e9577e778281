import { describeFuzz } from "@otel-health/testkit/fuzz";
import { adapters } from "./adapters.ts";

/** The same requests each time, unless another seed is tried. */
const seed = Number(process.env["FUZZ_SEED"] ?? 1);

for (const adapter of adapters) describeFuzz(adapter, { requests: 100_000, seed });
