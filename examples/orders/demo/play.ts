import { once } from "node:events";
import type { FaultMode } from "@otel-health/testkit";
import { type Fields, logLines } from "./observe.ts";
import type { Screen } from "./screen.ts";
import type { Stage } from "./stage.ts";
import { statusLine } from "./status-line.ts";
import { Watch } from "./watch.ts";

const help = [
  "  r refuse   h hang   s slow   x reset   p pass   (the proxy)",
  "  c          stop the cache, or start it again",
  "  m          maintenance: close the gate, or open it again",
  "  q, Ctrl-C  the end",
  "",
];

const modes: Readonly<Record<string, FaultMode>> = { r: "refuse", h: "hang", s: "slow", x: "reset", p: "pass" };

/** Lets the reader break things at the press of a key, and shows the transitions; resolves when they have had enough. */
export async function play(stage: Stage, screen: Screen): Promise<void> {
  await stage.startService();
  let cacheIsUp = true;
  const toggleCache = async () => {
    await (cacheIsUp ? stage.stopCache() : stage.startCache());
    cacheIsUp = !cacheIsUp;
  };
  screen.line(`Now you: a new copy of the service runs. Try  curl -i ${stage.urls.service}/readyz`);
  screen.line();
  for (const line of help) screen.line(line);

  let told = 0;
  await using _watch = new Watch(stage.urls.service, (sight) => {
    const lines = logLines(stage);
    for (const line of lines.slice(told)) if (line["event"] !== undefined) screen.line(transition(screen, line));
    told = lines.length;
    screen.status(statusLine(screen, sight, stage.proxy.mode));
  });

  const { stdin } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  try {
    for (;;) {
      const [input] = await once(stdin, "data");
      for (const key of String(input)) {
        const mode = modes[key];
        if (mode !== undefined) await stage.proxy.setMode(mode);
        else if (key === "c") await toggleCache();
        else if (key === "m") process.kill(Number(stage.service.pid), "SIGUSR2");
        else if (key === "q" || key === "\u0003" || key === "\u0004") return;
      }
    }
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
  }
}

/** A transition as its log line tells it. */
function transition(screen: Screen, { msg, cause, incident_id }: Fields): string {
  const text = String(msg);
  const colour = text.endsWith("unhealthy") ? "red" : text.endsWith("healthy") ? "green" : "yellow";
  return `  ${screen.paint(colour, text.padEnd(24))} ${screen.paint("gray", [cause, incident_id].filter(Boolean).join("  "))}`;
}
