/**
 * Child specifications: what they are, their defaults, and what is wrong with one, by name.
 *
 * A spec says how a child is started, when it is started again and how it is stopped (SUP-1). It is data about code and
 * may come from another node, so every supervisor checks it anew, whatever its type claimed.
 */
import type { Pid, Process } from "@otp/core";
import type { Sendable } from "@otp/core/internal";

import type { Restart, Shutdown } from "../gen-server/child-spec.ts";
import type { AutoShutdown } from "./strategy.ts";

/** What a child is; supervisors get all the time they need to stop. */
export type ChildType = "worker" | "supervisor";

/**
 * What a start function gives: the pid of a process that is linked to the supervisor, the same with something to tell whoever
 * asked for the child, or `"ignore"`. A start function that rejects or throws has failed; a `StartError` with the reason
 * `"ignore"` counts as `"ignore"`.
 */
export type Started<Child extends Pid<never> = Pid<never>> =
  | Child
  | { readonly pid: Child; readonly info: unknown }
  | "ignore";

/** Starts a child and links it to `self`, the supervisor. */
export type StartFunction<Args extends readonly unknown[] = readonly [], Child extends Pid<never> = Pid<never>> = (
  self: Process,
  ...args: Args
) => Started<Child> | PromiseLike<Started<Child>>;

/** How a child is started: a function, or a function with the arguments that follow `self`. */
export type ChildStart<Child extends Pid<never> = Pid<never>> =
  | StartFunction<readonly [], Child>
  | readonly [
      start: (self: Process, ...args: never) => Started<Child> | PromiseLike<Started<Child>>,
      ...args: unknown[],
    ];

/** What a supervisor has to know of a child. */
export interface ChildSpec<Child extends Pid<never> = Pid<never>> {
  /** Tells the child from its siblings; compared by value. A `DynamicSupervisor` ignores it (DSUP-1). */
  readonly id: unknown;
  readonly start: ChildStart<Child>;
  /** Default `"permanent"`. */
  readonly restart?: Restart;
  /** Default 5,000 for workers and `"infinity"` for supervisors. */
  readonly shutdown?: Shutdown;
  /** Default `"worker"`. */
  readonly type?: ChildType;
  /** What the child is made of, for people; by default the name of its start function. */
  readonly modules?: readonly unknown[];
  /** Whether its end by itself may end the supervisor (SUP-21). Default false. */
  readonly significant?: boolean;
}

/** A spec with every default filled in, as `getChildspec` gives it. */
export type FullChildSpec = Required<ChildSpec>;

/** What is wrong with a child spec (SUP-16, SUP-23). */
export type SpecFault =
  | "missing_id"
  | "missing_start"
  | { readonly invalidChildSpec: unknown }
  | { readonly invalidMfa: unknown }
  | { readonly invalidRestartType: unknown }
  | { readonly invalidShutdown: unknown }
  | { readonly invalidChildType: unknown }
  | { readonly invalidModules: unknown }
  | { readonly invalidSignificant: unknown }
  | {
      readonly badCombination: readonly [
        { readonly autoShutdown: "never" } | { readonly restart: "permanent" },
        { readonly significant: true },
      ];
    };

/** A checked spec, or what is wrong with it. */
export type CheckedSpec =
  | { readonly ok: true; readonly spec: CompleteSpec }
  | { readonly ok: false; readonly reason: SpecFault };

/** What a checked spec is made from. */
type Fields = Pick<CompleteSpec, "id" | "start" | "args" | "restart" | "shutdown" | "type" | "significant"> & {
  readonly modules: readonly unknown[] | undefined;
};

/** A spec as supervisors keep it. To be an instance is to be checked: none comes from another node. */
export class CompleteSpec implements Sendable {
  readonly id: unknown;
  readonly start: StartFunction<readonly unknown[]>;
  readonly args: readonly unknown[];
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  readonly type: ChildType;
  readonly significant: boolean;
  readonly #modules: readonly unknown[] | undefined;

  constructor({ id, start, args, restart, shutdown, type, modules, significant }: Fields) {
    this.id = id;
    this.start = start;
    this.args = args;
    this.restart = restart;
    this.shutdown = shutdown;
    this.type = type;
    this.significant = significant;
    this.#modules = modules;
  }

  get modules(): readonly unknown[] {
    return this.#modules ?? [this.start.name];
  }

  /** The spec in the form in which it can be given again. */
  toChildSpec(): FullChildSpec {
    const { id, start, args, restart, shutdown, type, modules, significant } = this;
    return { id, start: [start, ...args], restart, shutdown, type, modules, significant };
  }

  "~toTerm"(): FullChildSpec {
    return this.toChildSpec();
  }
}

/** Checks a spec for a supervisor with that `autoShutdown` and fills in the defaults. */
export function checkSpec(given: unknown, autoShutdown: AutoShutdown): CheckedSpec {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return refuse({ invalidChildSpec: given });
  const raw: RawSpec = given;
  if (raw.id === undefined) return refuse("missing_id");
  if (raw.start === undefined) return refuse("missing_start");
  const call = parseStart(raw.start);
  if (call === undefined) return refuse({ invalidMfa: raw.start });
  const { restart = "permanent", significant = false, type = "worker" } = raw;
  if (!isRestart(restart)) return refuse({ invalidRestartType: restart });
  if (typeof significant !== "boolean") return refuse({ invalidSignificant: significant });
  if (significant && autoShutdown === "never") return refuse({ badCombination: [{ autoShutdown }, { significant }] });
  if (significant && restart === "permanent") return refuse({ badCombination: [{ restart }, { significant }] });
  if (type !== "worker" && type !== "supervisor") return refuse({ invalidChildType: type });
  const { shutdown = type === "supervisor" ? "infinity" : 5_000, modules } = raw;
  if (!isShutdown(shutdown)) return refuse({ invalidShutdown: shutdown });
  if (modules !== undefined && !isArray(modules)) return refuse({ invalidModules: modules });
  const { start, args } = call;
  const spec = new CompleteSpec({ id: raw.id, start, args, restart, shutdown, type, modules, significant });
  return { ok: true, spec };
}

const none: readonly unknown[] = Object.freeze([]);

interface RawSpec {
  readonly id?: unknown;
  readonly start?: unknown;
  readonly restart?: unknown;
  readonly shutdown?: unknown;
  readonly type?: unknown;
  readonly modules?: unknown;
  readonly significant?: unknown;
}

function refuse(reason: SpecFault): CheckedSpec {
  return { ok: false, reason };
}

/** The function and the arguments of a start; undefined for what is none. */
export function parseStart(given: unknown): Pick<CompleteSpec, "start" | "args"> | undefined {
  if (isFunction(given)) return { start: given, args: none };
  if (!isArray(given)) return undefined;
  const [start, ...args] = given;
  return isFunction(start) ? { start, args } : undefined;
}

function isRestart(value: unknown): value is Restart {
  return value === "permanent" || value === "transient" || value === "temporary";
}

function isShutdown(value: unknown): value is Shutdown {
  if (value === "infinity" || value === "brutal_kill") return true;
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

// What it gives is looked at when it is called.
function isFunction(value: unknown): value is StartFunction<readonly unknown[]> {
  return typeof value === "function";
}
