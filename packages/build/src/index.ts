export { bundle } from "./bundle.ts";
export { entryModules } from "./entry-modules.ts";
export { type PublishFields, publishFields } from "./publish-fields.ts";
export { type Manifest, type PublishedPackage, publishedPackages } from "./published-packages.ts";
