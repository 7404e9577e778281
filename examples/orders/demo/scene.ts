import type { Claim } from "./claims.ts";
import type { Stage } from "./stage.ts";
import type { Watch } from "./watch.ts";

/** What a chapter works with. */
export interface Scene {
  readonly stage: Stage;
  readonly watch: Watch;
  readonly claim: Claim;
}

/** A part of the story: it changes something, and claims what comes of it. */
export interface Chapter {
  readonly title: string;
  tell(scene: Scene): Promise<void>;
}
