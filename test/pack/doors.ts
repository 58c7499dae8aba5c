/** The published packages and their doors: what may be imported, and from which source it comes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** What we read of a manifest. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The manifests of all packages that are published. */
export function publicManifests(): readonly Manifest[] {
  return readdirSync(join(root, "packages"))
    .map((folder) => join(root, "packages", folder, "package.json"))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, "utf8")) as Manifest)
    .filter((manifest) => manifest.private !== true);
}

/** What may be imported from `manifest`'s package. */
export function doorsOf(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.exports)
    .filter((path) => !path.endsWith(".json"))
    .map((path) => manifest.name + path.slice(1));
}

/** Every door with the source behind it. */
export function doorSources(): readonly { readonly door: string; readonly source: string }[] {
  return publicManifests().flatMap(({ name, exports }) =>
    Object.entries(exports).flatMap(([path, door]) => {
      const source = typeof door === "string" ? undefined : door["@otp/source"];
      if (source === undefined) return [];
      return [{ door: name + path.slice(1), source: join(root, "packages", name.replace("@otp/", ""), source) }];
    }),
  );
}
