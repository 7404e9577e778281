import { type INestApplication, UnauthorizedException } from "@nestjs/common";
import { HealthModule } from "@otel-health/nestjs";
import type { AppWide } from "@otel-health/testkit/conformance";
import type { OrchestrationAdapter } from "@otel-health/testkit/orchestration";
import { makeApp, portOf } from "./make-app.ts";
import { ordersController } from "./orders-controller.ts";
import { platforms } from "./platforms.ts";

const addAppWide: { readonly [A in AppWide]: (app: INestApplication) => unknown } = {
  refuses: (app) =>
    app.useGlobalGuards({
      canActivate() {
        throw new UnauthorizedException();
      },
    }),
  throws: (app) =>
    app.useGlobalInterceptors({
      intercept() {
        throw new Error("no tea today");
      },
    }),
  decorates: (app) =>
    app.use((_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
      response.setHeader("X-App", "on");
      response.setHeader("ETag", '"app"');
      next();
    }),
};

/** Each platform of the Nest that is imported. */
export const adapters: readonly OrchestrationAdapter[] = platforms.map(([platform, makeAdapter]) => ({
  name: `HealthModule on ${platform}`,
  hasApp: true,
  nests: false,
  shieldsFrom: ["refuses", "throws", "decorates"],
  async serve({ mounts, appWide, host }) {
    const imports = mounts.map(({ health, options }) =>
      // Which of them is started is the suite's to say.
      HealthModule.forRoot({ health: { ...health, start: async () => {} }, ...options }),
    );
    const app = await makeApp(makeAdapter(), { imports, controllers: [ordersController()] });
    if (appWide !== undefined) addAppWide[appWide](app);
    await app.listen(0, host);
    return {
      port: portOf(app),
      closing: () => () => app.close(),
      async [Symbol.asyncDispose]() {
        app.getHttpServer().closeAllConnections();
        await app.close();
      },
    };
  },
}));
