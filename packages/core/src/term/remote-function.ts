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

/** Makes a function of source text that a peer has sent. @throws UndefError where that is not allowed. */
export type SourceReader = (source: string, name: string) => AnyFunction;

/** What else a function that travels as source text is made of. */
export interface SourceOptions {
  /** The text, an expression; that of the function by default. Its parameters begin with what is bound. */
  readonly source?: string;
  /** Values that travel with it and are put in front of its arguments on the other node. */
  readonly bound?: readonly unknown[];
}

/** Of nodes that trust nobody's code. */
export const refuseSource: SourceReader = (_source, name) => {
  throw new UndefError(
    `function ${name} is undefined: it came as source text, and this node runs none. Start the node with trustRemoteCode: true, or register the function by remote("name", …)`,
  );
};

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

function fromSource<Fn extends AnyFunction>(
  fn: Fn,
  { source = fn.toString(), bound = [] }: SourceOptions = {},
): RemoteFunction<Fn> {
  if (typeof fn !== "function") throw new ArgumentError(`expected a function. Got: ${show(fn)}`);
  if (isRemoteFunction(fn)) {
    throw new ArgumentError(
      `this function travels as ${show(fn[remoteTerm].name)} already; wrap it to send its source`,
    );
  }
  if (/\{\s*\[native code\]\s*\}$/u.test(source)) {
    throw new ArgumentError(`expected a function with source text. Got: ${show(fn)}`);
  }
  const term = { name: (fn.name === "" ? "anonymous" : fn.name).slice(0, 255), bound, source };
  return Object.assign(fn, { [remoteTerm]: term });
}

/**
 * Registers `fn` under `name` for every node of this program and gives it the type of a remote function.
 * `remote.bind(fn, …captured)` puts arguments in front, which travel with it. `remote.source(fn)` needs no name: its source
 * text travels, and runs only on nodes that were started with `trustRemoteCode`.
 *
 * @throws ArgumentError when the name is empty, too long, or taken by a different function.
 */
export const remote: typeof register & { readonly bind: typeof bind; readonly source: typeof fromSource } =
  Object.assign(register, { bind, source: fromSource });

/** True for functions made by `remote` and `remote.bind`, and those that arrived from another node. */
export function isRemoteFunction(value: unknown): value is RemoteFunction<(...args: readonly unknown[]) => unknown> {
  return typeof value === "function" && remoteTerm in value;
}

/**
 * The function a term names; one that this program does not know, or whose source text it may not run, fails with `undef`
 * when it is used, not before.
 */
export function lookupRemote(
  term: RemoteFunctionTerm,
  readSource: SourceReader = refuseSource,
): RemoteFunction<(...args: readonly unknown[]) => unknown> {
  let compiled: AnyFunction | undefined;
  const call = (...args: readonly unknown[]): unknown => {
    if (term.source !== undefined) compiled ??= readSource(term.source, term.name);
    const fn = term.source === undefined ? table.get(term.name) : compiled;
    if (fn === undefined) {
      throw new UndefError(`function ${term.name} is undefined (no remote(${show(term.name)}, …) was imported here)`);
    }
    return Reflect.apply(fn, undefined, [...term.bound, ...args]);
  };
  return Object.assign(call, { [remoteTerm]: term });
}
