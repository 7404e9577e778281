import { bundle } from "./bundle.ts";
import { publishedPackages } from "./published-packages.ts";

for (const each of publishedPackages()) await bundle(each);
