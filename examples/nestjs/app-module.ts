import { type CanActivate, Controller, type ExecutionContext, Get, Inject, Module } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { HEALTH, type Health, HealthModule } from "@otel-health/nestjs";
import { health } from "./health.ts";

// Decorators are called as functions here, because Node runs these files as they are; compiled ones are written as usual.

export class TeaController {
  readonly #health: Health;

  constructor(injected: Health) {
    this.#health = injected;
  }

  /** What makes tea may look at health, which every module can inject. */
  tea(): object {
    return { tea: "green", service: this.#health.snapshot().lifecycle };
  }
}
Controller()(TeaController);
Inject(HEALTH)(TeaController, undefined, 0);
Get("tea")(TeaController.prototype, "tea", Object.getOwnPropertyDescriptor(TeaController.prototype, "tea") as object);

/** Refuses whoever does not say who he is; probes never come here. */
const guard: CanActivate = {
  canActivate: (context: ExecutionContext) => context.switchToHttp().getRequest().headers.authorization !== undefined,
};

export class AppModule {}
Module({
  imports: [HealthModule.forRoot({ health })],
  controllers: [TeaController],
  providers: [{ provide: APP_GUARD, useValue: guard }],
})(AppModule);
