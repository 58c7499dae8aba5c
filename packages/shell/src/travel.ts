/**
 * Functions typed into a shell travel as their source text. What they mention of the shell's own bindings is taken along as
 * it is at that moment; everything else they find where they arrive.
 */
import { Script } from "node:vm";

import { ArgumentError, isRemoteFunction, Pid, Ref, remote, type RemoteFunction, UndefError } from "@otp/core";

/** The values that the user has bound, by name. */
export type UserBindings = () => ReadonlyMap<string, unknown>;

type AnyFunction = (...args: readonly unknown[]) => unknown;

/** Makes values ready to leave the node. */
export class Traveller {
  readonly #bindings: UserBindings;

  constructor(bindings: UserBindings) {
    this.#bindings = bindings;
  }

  /** `value` with every function in it made one that travels, in plain objects and arrays to a depth that people type. */
  pack(value: unknown, depth = 8): unknown {
    if (typeof value === "function") return isClass(value) ? value : this.remote(value);
    if (depth === 0 || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.some(mayHold) ? value.map((item) => this.pack(item, depth - 1)) : value;
    if (Object.getPrototypeOf(value) !== Object.prototype || !Object.values(value).some(mayHold)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.pack(item, depth - 1)]));
  }

  /** The function as one that travels. @throws ArgumentError for one without source text. */
  remote(given: unknown): RemoteFunction<AnyFunction> {
    if (!isFunction(given)) throw new ArgumentError(`expected a function. Got: ${typeof given}`);
    if (isRemoteFunction(given)) return given;
    const text = given.toString();
    if (!isExpression(text)) {
      throw new ArgumentError("this function cannot travel: expected one that is written out, as (x) => x + 1");
    }
    const taken = [...this.#bindings()].filter(
      ([name, value]) => value !== given && mentions(text, name) && canTravel(value),
    );
    const names = taken.map(([name]) => name);
    const bound = taken.map(([, value]) => this.pack(value));
    const source = names.length === 0 ? text : `(${names.join(", ")}, ...args) => (${text}\n)(...args)`;
    return remote.source((...args: readonly unknown[]) => Reflect.apply(given, undefined, args), { source, bound });
  }
}

/** The function of a text that another shell has sent. @throws UndefError for a text that is none. */
export function compile(source: string, name: string): AnyFunction {
  let made: unknown;
  try {
    made = new Script(`(${source}\n)`, { filename: `otp:${name}` }).runInThisContext();
  } catch (error) {
    throw new UndefError(`function ${name} is undefined: its source text cannot be compiled`, { cause: error });
  }
  if (isFunction(made)) return made;
  throw new UndefError(`function ${name} is undefined: its source text is no function`);
}

/** What is of a class stays behind, unless every node knows the class. */
function canTravel(value: unknown): boolean {
  if (typeof value === "function") return !isClass(value) && isExpression(value.toString());
  if (typeof value !== "object" || value === null) return typeof value !== "symbol";
  if (value instanceof Pid || value instanceof Ref || value instanceof Map || value instanceof Set) return true;
  return Array.isArray(value) || value instanceof Date || Object.getPrototypeOf(value) === Object.prototype;
}

function mayHold(value: unknown): boolean {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/u.test(value.toString());
}

function isExpression(text: string): boolean {
  if (text.includes("[native code]")) return false;
  try {
    return new Script(`(${text}\n)`) instanceof Script;
  } catch (error) {
    if (error instanceof Error && error.name === "SyntaxError") return false;
    throw error;
  }
}

function mentions(text: string, name: string): boolean {
  const escaped = name.replaceAll("$", String.raw`\$`);
  return new RegExp(String.raw`(?<![\w$.])${escaped}(?![\w$])`, "u").test(text);
}
