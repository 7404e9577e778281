import type { FactoryProvider, ModuleMetadata } from "@nestjs/common";
import type { EndpointOptions, Health } from "@otel-health/http";

/** Options of `HealthModule.forRoot()`. */
export interface HealthModuleOptions extends EndpointOptions {
  /** The health object of the process. The module starts it. */
  readonly health: Health;
  /**
   * Milliseconds for which closing the application still serves requests after it has made readiness fail; default 0.
   * `false` where health outlives the application: closing it then changes nothing of health.
   */
  readonly drainDelayMs?: number | false;
  /** Milliseconds that requests under way are waited for, and then cut, before other modules are destroyed; default 5 000. */
  readonly closeWithinMs?: number;
}

/** Options of `HealthModule.forRootAsync()`: what makes those of `forRoot()` out of other providers. */
export interface HealthModuleAsyncOptions {
  /** Modules whose providers `inject` names. */
  readonly imports?: NonNullable<ModuleMetadata["imports"]>;
  /** Tokens of what the factory is called with. */
  readonly inject?: NonNullable<FactoryProvider["inject"]>;
  /** What it throws, or rejects with, fails the creation of the application. */
  readonly useFactory: FactoryProvider<HealthModuleOptions>["useFactory"];
}
