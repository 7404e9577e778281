export { bundle } from "./bundle.ts";
export { type PublishFields, publishFields } from "./publish-fields.ts";
export { type Manifest, type PublishedPackage, publishedPackages } from "./published-packages.ts";
