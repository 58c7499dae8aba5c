/**
 * What a visitor may type who may look and not touch: one call of a function of this list, whose arguments are written out.
 * Nothing of it is evaluated as a script: what is not on the list does not exist.
 */
import { ArgumentError } from "@otp/core";

import { apply, isFunction } from "./apply.ts";

/** The functions that only look, as they are typed. */
export const lookingFunctions: ReadonlySet<string> = new Set([
  "h",
  "i",
  "pid",
  "ps",
  "tree",
  "node",
  "registered",
  "whereis",
  "Node.self",
  "Node.isAlive",
  "Node.list",
  "Node.discover",
  "Node.refusalOf",
  "global.registeredNames",
  "global.whereisName",
  "sys.getState",
  "sys.getStatus",
]);

/** Finds what a path such as `Node.list` stands for. */
export type Lookup = (path: readonly string[]) => unknown;

/** Does what the text says, if it only looks. @throws ArgumentError that says what may be typed. */
export async function look(text: string, lookup: Lookup): Promise<unknown> {
  const reader = new LookReader(text, lookup);
  const run = reader.call();
  reader.end();
  return run();
}

const token = /\s*(?:([A-Za-z_$][\w$.]*)|("(?:[^"\\]|\\.)*"|'[^'\\]*'|-?\d+(?:\.\d+)?)|([(){}[\],:;]))/uy;

type Run = () => Promise<unknown>;

type Token = { readonly kind: "name" | "literal" | "mark"; readonly text: string };

class LookReader {
  readonly #tokens: Token[] = [];
  readonly #lookup: Lookup;
  #at = 0;

  constructor(text: string, lookup: Lookup) {
    this.#lookup = lookup;
    const rest = text.trim();
    token.lastIndex = 0;
    while (token.lastIndex < rest.length) {
      const from = token.lastIndex;
      const found = token.exec(rest);
      if (found === null) throw refusal(rest.slice(from));
      const [, name, literal, mark = ""] = found;
      if (name !== undefined) this.#tokens.push({ kind: "name", text: name });
      else this.#tokens.push(literal === undefined ? { kind: "mark", text: mark } : { kind: "literal", text: literal });
    }
  }

  /** Reads a call; nothing is done before everything has been read. */
  call(): Run {
    let name = this.#next("name").text;
    if (name === "await") name = this.#next("name").text;
    if (!lookingFunctions.has(name)) throw refusal(name);
    const args: Run[] = [];
    this.#mark("(");
    while (!this.#has(")")) {
      args.push(this.#value());
      if (!this.#has(")")) this.#mark(",");
    }
    this.#mark(")");
    const fn = this.#lookup(name.split("."));
    if (!isFunction(fn)) throw refusal(name);
    return async () => apply(fn, undefined, await Promise.all(args.map((run) => run())));
  }

  end(): void {
    if (this.#has(";")) this.#at += 1;
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw refusal(rest.text);
  }

  #value(): Run {
    const next = this.#tokens[this.#at];
    if (next?.kind === "name" && !constants.has(next.text)) return this.call();
    if (next?.kind !== "mark") {
      this.#at += 1;
      const value = next?.kind === "literal" ? literalOf(next.text) : constants.get(next?.text ?? "");
      return () => Promise.resolve(value);
    }
    this.#mark("{");
    const fields: [string, Run][] = [];
    while (!this.#has("}")) {
      const key = this.#next("name").text;
      this.#mark(":");
      fields.push([key, this.#value()]);
      if (!this.#has("}")) this.#mark(",");
    }
    this.#mark("}");
    return async () =>
      Object.fromEntries(
        await Promise.all(fields.map(async ([key, run]): Promise<[string, unknown]> => [key, await run()])),
      );
  }

  #has(mark: string): boolean {
    const next = this.#tokens[this.#at];
    return next?.kind === "mark" && next.text === mark;
  }

  #mark(mark: string): void {
    const next = this.#next("mark");
    if (next.text !== mark) throw refusal(next.text);
  }

  #next(kind: Token["kind"]): Token {
    const next = this.#tokens[this.#at];
    if (next?.kind !== kind) throw refusal(next?.text ?? "the end");
    this.#at += 1;
    return next;
  }
}

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", undefined],
]);

function literalOf(text: string): unknown {
  return text.startsWith("'") ? text.slice(1, -1) : JSON.parse(text);
}

function refusal(what: string): ArgumentError {
  const list = [...lookingFunctions].map((name) => `${name}()`).join(" ");
  return new ArgumentError(
    `this shell may look and not touch: expected a call, with its arguments written out, of one of ${list}. Got: ${what.slice(0, 80)}`,
  );
}
