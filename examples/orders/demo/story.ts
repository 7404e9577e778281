import { blip } from "./chapters/blip.ts";
import { blocked } from "./chapters/blocked.ts";
import { optionalCache } from "./chapters/cache.ts";
import { drain } from "./chapters/drain.ts";
import { otherFaults } from "./chapters/faults.ts";
import { flapping } from "./chapters/flapping.ts";
import { outage } from "./chapters/outage.ts";
import { starting } from "./chapters/starting.ts";
import { degradedSupplier } from "./chapters/supplier.ts";
import type { Chapter, Scene } from "./scene.ts";
import type { Screen } from "./screen.ts";

const chapters: readonly Chapter[] = [
  starting,
  blip,
  outage,
  otherFaults,
  optionalCache,
  degradedSupplier,
  flapping,
  drain,
  blocked,
];

/** Tells the whole story; rejects with a `FalseClaim` at the first claim that is not so. */
export async function tellStory(scene: Scene, screen: Screen): Promise<void> {
  for (const [index, { title, tell }] of chapters.entries()) {
    screen.line();
    screen.line(screen.paint("bold", `${index + 1}  ${title}`));
    await tell(scene);
  }
}
