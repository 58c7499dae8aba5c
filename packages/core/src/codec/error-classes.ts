/**
 * Which error classes come back as themselves on another node (EXIT-14).
 *
 * Both ends are the same program, so a class is named, never described; an error of a class that the receiver does not
 * know arrives as an `Error` that keeps its name.
 */
import {
  ArgumentError,
  CallError,
  CodecError,
  CookieError,
  DeadProcessError,
  ExitError,
  StartError,
  TransportError,
  UndefError,
} from "../base/errors.ts";

/** Classes by the names they have on the wire; only their prototypes are used, no constructor is run. */
export type ErrorClassRecord = Readonly<Record<string, { readonly prototype: Error }>>;

const standard: ErrorClassRecord = {
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

// InvariantError is left out: another node's broken invariant must not look like one of ours.
const framework: ErrorClassRecord = {
  ArgumentError,
  CallError,
  CodecError,
  CookieError,
  DeadProcessError,
  ExitError,
  StartError,
  TransportError,
  UndefError,
};

/** The error classes that one codec knows. */
export class ErrorClasses {
  readonly #prototypes: ReadonlyMap<string, Error>;
  readonly #names: ReadonlyMap<object, string>;

  constructor(more: ErrorClassRecord = {}) {
    const entries = Object.entries({ ...standard, ...framework, ...more });
    this.#prototypes = new Map(entries.map(([name, { prototype }]) => [name, prototype]));
    this.#names = new Map(entries.map(([name, { prototype }]) => [prototype, name]));
  }

  /** The nearest class of `error` that has a name here. */
  nameOf(error: Error): string {
    let prototype: unknown = Object.getPrototypeOf(error);
    while (typeof prototype === "object" && prototype !== null) {
      const name = this.#names.get(prototype);
      if (name !== undefined) return name;
      prototype = Object.getPrototypeOf(prototype);
    }
    // Made in another realm, such as a REPL's: its prototypes are others, its names the same.
    return this.#prototypes.has(error.name) ? error.name : "Error";
  }

  /** The prototype of the class `name`, if it is known. */
  prototypeOf(name: string): Error | undefined {
    return this.#prototypes.get(name);
  }
}
