import { watch } from "./watch.cjs";

// Each spelled out, so that a bundler finds it.
const modules = {
  "@otel-health/core": import("@otel-health/core"),
  "@otel-health/watchdog": import("@otel-health/watchdog"),
};
void watch((specifier) => modules[specifier]);
