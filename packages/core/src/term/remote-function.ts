/**
 * Functions that cross nodes by name, as Erlang's `fun M:F/A` do (JS-13).
 *
 * The table is filled when modules are imported and never read for anything but code: it is the one piece of module-level
 * state, since it holds what the program *is*, not what it does.
 */
import { ArgumentError, UndefError } from "../base/errors.ts";
import { show } from "../base/show.ts";

/** The name and captured arguments behind a remote function. */
export interface RemoteFunctionTerm {
  readonly name: string;
  readonly bound: readonly unknown[];
  /** Source text, for nodes that trust it; absent for registered functions. */
  readonly source?: string;
}

export const remoteTerm: unique symbol = Symbol.for("@otp/remote-function");

type AnyFunction = (...args: never) => unknown;

interface Named {
  readonly [remoteTerm]: RemoteFunctionTerm;
}

/** A function of type `Fn` that can be sent to, spawned on and called from another node that has registered the same name. */
export type RemoteFunction<Fn extends AnyFunction = AnyFunction> = Fn & Named;

const table = new Map<string, AnyFunction>();

function register<Fn extends AnyFunction>(name: string, fn: Fn): RemoteFunction<Fn> {
  if (typeof name !== "string" || name.length === 0 || name.length > 255) {
    throw new ArgumentError(`expected a function name of 1 to 255 characters. Got: ${show(name)}`);
  }
  if (isRemoteFunction(fn) && fn[remoteTerm].name !== name) {
    throw new ArgumentError(
      `this function is already registered as ${show(fn[remoteTerm].name)}; wrap it for a second name`,
    );
  }
  const known = table.get(name);
  if (known !== undefined && known.toString() !== fn.toString()) {
    throw new ArgumentError(`a different function is already registered as ${show(name)}; choose another name`);
  }
  table.set(name, fn);
  return Object.assign(fn, { [remoteTerm]: { name, bound: [] } });
}

function bind<Bound extends readonly unknown[], Rest extends readonly unknown[], Result>(
  fn: ((...args: [...Bound, ...Rest]) => Result) & Named,
  ...bound: Bound
): RemoteFunction<(...rest: Rest) => Result> {
  const { name, bound: earlier } = fn[remoteTerm];
  return Object.assign((...rest: Rest) => fn(...bound, ...rest), {
    [remoteTerm]: { name, bound: [...earlier, ...bound] },
  });
}

/**
 * Registers `fn` under `name` for every node of this program and gives it the type of a remote function.
 * `remote.bind(fn, …captured)` puts arguments in front, which travel with it.
 *
 * @throws ArgumentError when the name is empty, too long, or taken by a different function.
 */
export const remote: typeof register & { readonly bind: typeof bind } = Object.assign(register, { bind });

/** True for functions made by `remote` and `remote.bind`, and those that arrived from another node. */
export function isRemoteFunction(value: unknown): value is RemoteFunction<(...args: readonly unknown[]) => unknown> {
  return typeof value === "function" && remoteTerm in value;
}

/** The function a term names; one that this program does not know fails with `undef` when it is used, not before. */
export function lookupRemote(term: RemoteFunctionTerm): RemoteFunction<(...args: readonly unknown[]) => unknown> {
  const call = (...args: readonly unknown[]): unknown => {
    const fn = table.get(term.name);
    if (fn === undefined) {
      throw new UndefError(`function ${term.name} is undefined (no remote(${show(term.name)}, …) was imported here)`);
    }
    return Reflect.apply(fn, undefined, [...term.bound, ...args]);
  };
  return Object.assign(call, { [remoteTerm]: term });
}
