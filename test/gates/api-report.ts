import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

/**
 * Holds every published package's declarations to the committed report `packages/<name>/<entry>.api.md`.
 * `--update` rewrites the reports; otherwise a difference exits with 1.
 */
const root = resolve(import.meta.dirname, "../..");
const update = process.argv.includes("--update");
let changed = false;

for (const folder of readdirSync(join(root, "packages"))) {
  const projectFolder = join(root, "packages", folder);
  const packageJsonFullPath = join(projectFolder, "package.json");
  const manifest = JSON.parse(readFileSync(packageJsonFullPath, "utf8"));
  if (manifest.private === true) continue;
  for (const [entry, target] of Object.entries<{ import?: { types: string } }>(manifest.publishConfig.exports)) {
    const types = target.import?.types;
    if (types === undefined) continue;
    const name = entry === "." ? folder : `${folder}-${entry.slice(2)}`;
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder,
        mainEntryPointFilePath: join(projectFolder, types),
        compiler: {
          overrideTsconfig: {
            compilerOptions: { target: "es2022", module: "nodenext", types: ["node"], skipLibCheck: true },
            files: [join(projectFolder, types)],
          },
        },
        apiReport: {
          enabled: true,
          reportFileName: `${name}.api.md`,
          reportFolder: projectFolder,
          reportTempFolder: join(projectFolder, "dist"),
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          extractorMessageReporting: {
            default: { logLevel: "none" as never },
            // A type that the API mentions and does not export could not be named by its users.
            "ae-forgotten-export": { logLevel: "error" as never },
          },
          tsdocMessageReporting: { default: { logLevel: "none" as never } },
        },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath,
    });
    const { ".": main } = manifest.publishConfig.exports;
    const exported = main === undefined ? "" : readFileSync(join(projectFolder, main.import.types), "utf8");
    const { apiReportChanged, errorCount } = Extractor.invoke(config, {
      localBuild: update,
      showVerboseMessages: false,
      messageCallback(message) {
        // What the package's main entry exports can be named by users of the others too.
        const [, symbol = ""] = /^The symbol "(\w+)" needs to be exported/.exec(message.text) ?? [];
        if (entry !== "." && new RegExp(`\\b${symbol}\\b`).test(exported) && symbol !== "")
          message.logLevel = "none" as never;
      },
    });
    if (errorCount > 0) process.exitCode = 1;
    if (apiReportChanged) changed = true;
    console.log(
      `${name}: ${apiReportChanged ? (update ? "updated" : "differs from the committed report") : "as committed"}`,
    );
  }
}

if (changed && !update) {
  console.error(
    "The public API changed. If that is meant: pnpm exec node test/gates/api-report.ts --update, and commit.",
  );
  process.exitCode = 1;
}
