import { createRequire } from "node:module";

const require = createRequire(new URL("../../../test/nestjs11/package.json", import.meta.url));

/** A package of NestJS 11, in the place of that of NestJS 12. */
export function nestjs11(name: string): object {
  return { ...require(name) };
}
