/**
 * A project outside of the repository that has our packages installed as their users have them: packed, unpacked, beside
 * nothing but the dependencies that they declare. It needs no network.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { doorsOf, publicManifests, type Manifest } from "./doors.ts";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** A packed package and the paths of the files in its tarball. */
export interface Packed {
  readonly manifest: Manifest;
  readonly files: readonly string[];
}

/** A consumer's project. */
export interface Consumer extends Disposable {
  readonly folder: string;
  readonly packed: readonly Packed[];
  /** What may be imported: `@otp/core`, `@otp/core/transport`, … */
  readonly doors: readonly string[];
  /** Writes a file of the project. */
  write(path: string, text: string): void;
  /** Runs a program in the project; resolves with what it printed, rejects with both streams when it fails. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Compiles the project; resolves with the compiler's complaints, empty when it has none. */
  compile(config: string): Promise<string>;
}

/** Builds and packs all public packages, and installs them in a new project. */
export async function installConsumer(): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), "otp-consumer-"));
  const manifests = publicManifests();
  await run(join(root, "node_modules/.bin/tsc"), ["-b"], { cwd: root });
  const workspaces = manifests.flatMap(({ name }) => ["-w", name]);
  const options = ["--json", "--ignore-scripts", "--offline", "--pack-destination", folder];
  const { stdout } = await run("npm", ["pack", ...options, ...workspaces], { cwd: root, maxBuffer: 2 ** 26 });
  const tarballs = readTarballs(stdout);
  for (const { name, filename } of tarballs) {
    const target = join(folder, "node_modules", name);
    mkdirSync(target, { recursive: true });
    const tar = spawnSync("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components=1"]);
    if (tar.status !== 0) throw new Error(`tar could not unpack ${filename}: ${String(tar.stderr)}`);
  }
  for (const name of foreignDependencies(manifests)) link(folder, name);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  return consumerIn(
    folder,
    manifests.map((manifest) => ({
      manifest,
      files: tarballs.find(({ name }) => name === manifest.name)?.files.map(({ path }) => path) ?? [],
    })),
  );
}

interface Tarball {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm prints a list, and from version 12 on a record by name. */
function readTarballs(json: string): readonly Tarball[] {
  const parsed = JSON.parse(json) as readonly Tarball[] | Readonly<Record<string, Tarball>>;
  return Object.values(parsed);
}

/** What a consumer's npm would install beside our packages, and what a TypeScript project on Node.js has anyway. */
function foreignDependencies(manifests: readonly Manifest[]): ReadonlySet<string> {
  const declared = manifests.flatMap((manifest) =>
    Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  );
  return new Set([...declared.filter((name) => !name.startsWith("@otp/")), "@types/node"]);
}

function link(folder: string, name: string): void {
  const target = join(folder, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(root, "node_modules", name), target);
}

function consumerIn(folder: string, packed: readonly Packed[]): Consumer {
  const start = async (program: string, args: readonly string[]): Promise<string> => {
    const { stdout } = await run(program, [...args], { cwd: folder, env: { ...process.env, NODE_OPTIONS: "" } });
    return stdout;
  };
  return {
    folder,
    packed,
    doors: packed.flatMap(({ manifest }) => doorsOf(manifest)),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    run: (program, ...args) => start(program, args),
    async compile(config) {
      try {
        return await start(join(root, "node_modules/.bin/tsc"), ["-p", config]);
      } catch (error) {
        return (error as { readonly stdout: string }).stdout;
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
