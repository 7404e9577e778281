export { type DiskOptions, disk } from "./disk.ts";
