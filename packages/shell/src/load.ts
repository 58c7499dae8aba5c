/** Loading the user's modules, TypeScript as well, on a Node that cannot strip types itself. */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Loads files; the same file again is read again. */
export class ModuleLoader {
  readonly #files = new Set<string>();
  #loads = 0;
  #isReady = false;

  /** What has been loaded, in order. */
  get files(): readonly string[] {
    return [...this.#files];
  }

  /** The exports of a file. */
  async load(file: string): Promise<object> {
    if (!this.#isReady) {
      const { register } = await import("tsx/esm/api");
      register();
      this.#isReady = true;
    }
    this.#loads += 1;
    forget(resolve(file));
    const exported: unknown = await import(`${pathToFileURL(resolve(file)).href}?load=${this.#loads}`);
    this.#files.add(resolve(file));
    return typeof exported === "object" && exported !== null ? exported : {};
  }
}

/** A file of a folder that is not of `type: module` is a CommonJS module, which are kept by their path. */
function forget(path: string): void {
  const { cache } = createRequire(import.meta.url);
  for (const name of Object.keys(cache))
    if (name === path || name.startsWith(`${path}?`)) Reflect.deleteProperty(cache, name);
}
