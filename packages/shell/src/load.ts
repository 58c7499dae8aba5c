/** Loading the user's modules, TypeScript as well, on a Node that cannot strip types itself. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Loads files; the same file again is read again. */
export class ModuleLoader {
  #loads = 0;
  #isReady = false;

  /** The exports of a file. */
  async load(file: string): Promise<object> {
    if (!this.#isReady) {
      const { register } = await import("tsx/esm/api");
      register();
      this.#isReady = true;
    }
    this.#loads += 1;
    const exported: unknown = await import(`${pathToFileURL(resolve(file)).href}?load=${this.#loads}`);
    return typeof exported === "object" && exported !== null ? exported : {};
  }
}
