/** Names of processes on one node: a name has at most one process and a process at most one name (NAME-1, K7). */
import { ArgumentError } from "../base/errors.ts";
import { invariant } from "../base/invariant.ts";
import { show } from "../base/show.ts";
import type { Pid } from "../term/pid.ts";
import type { ControlBlock } from "./control-block.ts";

const reserved: ReadonlySet<string> = new Set(["", "nil", "true", "false", "undefined"]);

/** The name table of one node. */
export class Names {
  readonly #owners = new Map<string, ControlBlock>();

  /** Gives `process` the name. @throws ArgumentError when either has another already (NAME-2). */
  register(name: string, process: ControlBlock): true {
    if (typeof name !== "string" || reserved.has(name)) {
      throw new ArgumentError(
        `expected a name that is a string and not one of nil, true, false, undefined. Got: ${show(name)}`,
      );
    }
    const parts = process.needParts();
    if (this.#owners.has(name)) throw refused(name, process.pid, "the name is taken");
    if (parts.name !== null) throw refused(name, process.pid, `it already has the name ${JSON.stringify(parts.name)}`);
    parts.name = name;
    this.#owners.set(name, process);
    return true;
  }

  /** Frees the name. @throws ArgumentError when nobody has it (NAME-4). */
  unregister(name: string): true {
    const process = this.#owners.get(name);
    if (process === undefined) throw new ArgumentError(`no process is registered as ${JSON.stringify(name)}`);
    this.release(process);
    return true;
  }

  /** Frees the name of `process`, if it has one. */
  release(process: ControlBlock): void {
    const { parts } = process;
    if (parts === null || parts.name === null) return;
    invariant(this.#owners.get(parts.name) === process, "K7", "a name is owned by another process");
    this.#owners.delete(parts.name);
    parts.name = null;
  }

  /** The process of that name. */
  find(name: string): ControlBlock | undefined {
    return this.#owners.get(name);
  }

  /** The pid of that name (NAME-3). */
  whereis(name: string): Pid | undefined {
    return this.#owners.get(name)?.pid;
  }

  /** All names in use. */
  registered(): string[] {
    return [...this.#owners.keys()];
  }

  /** Names with their owners, for checks. */
  entries(): Iterable<[string, ControlBlock]> {
    return this.#owners.entries();
  }
}

/** The error of a registration that cannot be. */
export function refused(name: string, pid: Pid, why: string): ArgumentError {
  return new ArgumentError(`could not register ${pid} with name ${JSON.stringify(name)} because ${why}`);
}
