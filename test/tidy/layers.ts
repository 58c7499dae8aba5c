/**
 * Which folder of a package may import which other: layers go one way, so that whoever reads a file from the top of this
 * list need know nothing of what is below it. Type-only imports count too: a type is a dependency of the reader.
 */
import { posix } from "node:path";

/** The folders of `@otp/core`, each free to import those before it. */
const coreOrder = [
  "base",
  "term",
  "runtime",
  "mailbox",
  "signal",
  "codec",
  "process",
  "names",
  "time",
  "io",
  "dist",
  "cluster",
  "node",
] as const;

const behaviour = ["gen", "sys"] as const;
const onGenServer = [...behaviour, "gen-server"] as const;
const onSupervisor = [...onGenServer, "supervisor"] as const;

/** What each folder of a package may import besides itself. */
const layers: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "packages/core": Object.fromEntries(coreOrder.map((folder, index) => [folder, coreOrder.slice(0, index)])),
  "packages/genserver": {
    gen: [],
    sys: ["gen"],
    "gen-server": behaviour,
    // Started and called by the functions of gen-server, whose protocols it shares.
    "gen-state-machine": onGenServer,
    supervisor: onGenServer,
    agent: onGenServer,
    task: onSupervisor,
    // Dispatches in parallel by tasks.
    registry: [...onSupervisor, "task"],
    application: onSupervisor,
  },
};

/** Reports each import of `source` that goes against the layers of its package. */
export function checkLayers(path: string, source: string): readonly string[] {
  const [, home, folder] = /^(packages\/[^/]+)\/src\/([^/]+)\//.exec(path) ?? [];
  const allowed = home === undefined ? undefined : layers[home];
  if (home === undefined || folder === undefined || allowed === undefined) return [];
  const own = allowed[folder];
  if (own === undefined)
    return [`folder ${folder} is not in the list of layers; give it its place in test/tidy/layers.ts`];
  return relativeImports(source).flatMap((target) => {
    const inside = posix.relative(`${home}/src`, posix.join(posix.dirname(path), target));
    const [other = "", ...rest] = inside.split("/");
    if (other === "..") return [`imports ${target}, outside its package`];
    if (rest.length === 0) return [`imports ${target}, a door of its own package`];
    return other === folder || own.includes(other) ? [] : [`imports ${target}: ${folder} may not know ${other}`];
  });
}

function relativeImports(source: string): readonly string[] {
  const imports = source.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...imports].flatMap(([, target]) => (target === undefined ? [] : [target]));
}
