import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Subject } from "./subject.ts";

const folder = join(import.meta.dirname, "subjects");

/** Every subject of the folder `subjects`, whose files export them as `subjects`. */
export async function allSubjects(): Promise<readonly Subject[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  const modules = await Promise.all(files.sort().map((file) => import(join(folder, file))));
  return modules.flatMap(({ subjects }: { readonly subjects: readonly Subject[] }) => subjects);
}
