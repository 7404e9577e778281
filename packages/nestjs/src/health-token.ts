/** Injects the health object: `@Inject(HEALTH) health: Health`. One token, however many copies of this package there are. */
export const HEALTH: unique symbol = Symbol.for("@otel-health/nestjs: health");
