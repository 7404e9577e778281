import { tell } from "./story.cjs";

await tell((specifier) => import(specifier), process.argv.slice(2));
