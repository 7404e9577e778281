import { Claims, FalseClaim } from "./claims.ts";
import { Interrupted, interruption } from "./interruption.ts";
import { introduce } from "./introduce.ts";
import { play } from "./play.ts";
import { Screen } from "./screen.ts";
import { openStage } from "./stage.ts";
import { statusLine } from "./status-line.ts";
import { tellStory } from "./story.ts";
import { Watch } from "./watch.ts";

/** Options of {@link runDemo}. */
export interface DemoOptions {
  /** Ends after the story instead of letting the reader play. */
  readonly once: boolean;
  /** Default {@link openStage}. */
  readonly open?: typeof openStage;
}

/** Tells the story; resolves with the exit code, when nothing is left running: 0 if every claim was observed. */
export async function runDemo({ once, open = openStage }: DemoOptions): Promise<number> {
  const screen = new Screen(process.stdout);
  const interrupted = interruption(() => screen.close());
  try {
    screen.line("Starting PostgreSQL, a fault proxy, a cache, a supplier and a collector …");
    await using stage = await open();
    await stage.startService();
    introduce(stage, screen);

    const claims = new Claims(screen);
    await using watch = new Watch(stage.urls.service, (sight) =>
      screen.status(statusLine(screen, sight, stage.proxy.mode)),
    );
    await Promise.race([tellStory({ stage, watch, claim: claims.claim }, screen), interrupted]);
    screen.line();
    screen.line(
      screen.paint(["bold", "green"], `All ${claims.observed} claims were observed, in ${claims.seconds} s.`),
    );
    if (!once) await Promise.race([play(stage, screen), interrupted]);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    if (!(error instanceof FalseClaim)) throw error;
    screen.line();
    screen.line(screen.paint(["bold", "red"], `Not so: ${error.message}`));
    return 1;
  } finally {
    screen.close();
  }
}
