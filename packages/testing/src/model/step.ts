/** A command that is one function with a name. */
import type fc from "fast-check";

/** A command for `fc.asyncModelRun` out of what it does; `when` says whether it makes sense now. */
export class Step<Model extends object, Real> implements fc.AsyncCommand<Model, Real> {
  readonly #name: string;
  readonly #act: (model: Model, real: Real) => Promise<void>;
  readonly #when: (model: Readonly<Model>) => boolean;

  constructor(
    name: string,
    act: (model: Model, real: Real) => Promise<void>,
    when: (model: Readonly<Model>) => boolean = () => true,
  ) {
    this.#name = name;
    this.#act = act;
    this.#when = when;
  }

  check(model: Readonly<Model>): boolean {
    return this.#when(model);
  }

  run(model: Model, real: Real): Promise<void> {
    return this.#act(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

/** Throws when two values that should be the same are not. */
export function agree(what: string, got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${what}: got ${String(got)}, expected ${String(wanted)}`);
}
