/** Where the names of a session live: in the program's global object, or in an object of the session's own. */
import { constants, Script, type ScriptOptions } from "node:vm";

import { isFunction } from "./apply.ts";

/** The names of one session. */
export interface Scope {
  /** Runs a prepared script, called `name` in stacks; gives its value. */
  run(code: string, name: string): unknown;
  /** Binds what the shell offers. */
  offer(name: string, descriptor: PropertyDescriptor): void;
  /** Binds what the user wants. */
  set(name: string, value: unknown): void;
  /** What is bound from now on is the user's. */
  settle(): void;
  /** The names and values that the user has bound. */
  userBindings(): ReadonlyMap<string, unknown>;
  /** Forgets what the user has bound. */
  clear(): void;
  /** The object that a name is looked up in first. */
  readonly names: object;
}

const dynamicImport: ScriptOptions["importModuleDynamically"] = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;

/** The global object of the program: for the one session that the program is about. */
export class GlobalScope implements Scope {
  readonly names: object = globalThis;
  #known: ReadonlySet<string> = new Set();

  run(code: string, name: string): unknown {
    return new Script(code, { filename: name, importModuleDynamically: dynamicImport }).runInThisContext();
  }

  offer(name: string, descriptor: PropertyDescriptor): void {
    Object.defineProperty(globalThis, name, { ...descriptor, configurable: true, enumerable: false });
  }

  set(name: string, value: unknown): void {
    Reflect.set(globalThis, name, value);
  }

  settle(): void {
    this.#known = new Set(Object.getOwnPropertyNames(globalThis));
  }

  userBindings(): ReadonlyMap<string, unknown> {
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => !this.#known.has(name));
    return new Map(names.map((name) => [name, Reflect.get(globalThis, name)]));
  }

  clear(): void {
    for (const name of this.userBindings().keys()) {
      // What was declared by `function` or `class` in the middle of a script cannot be deleted.
      if (!Reflect.deleteProperty(globalThis, name)) Reflect.set(globalThis, name, undefined);
    }
  }
}

// A name that nobody types: all others are looked up in the session first.
const codeName = "\u01C3code";
const frameText = `(function (scope, ${codeName}) { with (scope) { return eval(${codeName}); } })`;

/** An object of the session's own, in front of the global one: for a visitor, who is to leave nothing behind. */
export class OwnScope implements Scope {
  readonly #offered: Record<string, unknown> = { __proto__: null };
  readonly #bound: Map<string, unknown> = new Map();
  readonly names: object;
  readonly #frame: (scope: object, code: string) => unknown;

  constructor() {
    this.names = new Proxy(this.#offered, {
      has: (_target, name) => name !== codeName,
      get: (_target, name) => this.#get(name),
      set: (_target, name, value) => {
        if (typeof name === "string") this.#bound.set(name, value);
        return typeof name === "string";
      },
      deleteProperty: (_target, name) => typeof name === "string" && this.#bound.delete(name),
      ownKeys: () => [...new Set([...this.#bound.keys(), ...Reflect.ownKeys(this.#offered)])],
      getOwnPropertyDescriptor: (_target, name) => {
        const isKnown = typeof name === "string" && (this.#bound.has(name) || name in this.#offered);
        return isKnown ? { value: this.#get(name), configurable: true, enumerable: true, writable: true } : undefined;
      },
    });
    const made: unknown = new Script(frameText, { importModuleDynamically: dynamicImport }).runInThisContext();
    this.#frame = (scope, code) => {
      if (!isFunction(made)) throw new TypeError("expected the frame of a scope to be a function");
      return Reflect.apply(made, undefined, [scope, code]);
    };
  }

  run(code: string, name: string): unknown {
    return this.#frame(this.names, `${code}\n//# sourceURL=${name}`);
  }

  offer(name: string, descriptor: PropertyDescriptor): void {
    this.#bound.delete(name);
    Object.defineProperty(this.#offered, name, { ...descriptor, configurable: true, enumerable: true });
  }

  set(name: string, value: unknown): void {
    this.#bound.set(name, value);
  }

  settle(): void {
    // What is offered and what is bound are kept apart.
  }

  userBindings(): ReadonlyMap<string, unknown> {
    return this.#bound;
  }

  clear(): void {
    this.#bound.clear();
  }

  #get(name: string | symbol): unknown {
    if (typeof name === "symbol") return undefined;
    if (this.#bound.has(name)) return this.#bound.get(name);
    if (name in this.#offered) return Reflect.get(this.#offered, name);
    if (name in globalThis) return Reflect.get(globalThis, name);
    throw new ReferenceError(`${name} is not defined`);
  }
}
