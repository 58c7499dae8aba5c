/** How a supervisor starts and stops a server (GS-21). */
import type { Pid, Process } from "@otp/core";

import type { StartableClass } from "./callbacks.ts";
import type { ArgOf } from "./protocol.ts";
import { startServer } from "./start.ts";

/** Whether a supervisor starts a child again that has ended (SUP-9). */
export type Restart =
  /** Always. */
  | "permanent"
  /** Unless it ended with `normal`, `shutdown` or `{ shutdown: … }`. */
  | "transient"
  /** Never; its spec goes with it. */
  | "temporary";

/** How long a child gets to end when its supervisor tells it to (SUP-7). */
export type Shutdown =
  /** Milliseconds; then it is killed. */
  | number
  /** As long as it takes; the choice for supervisors. */
  | "infinity"
  /** Not at all: it is killed at once. */
  | "brutal_kill";

/** What a class of servers may say about its children; what it leaves out is left to the supervisor. */
export interface ChildOptions {
  /** Default: the name of the class. */
  readonly id?: unknown;
  readonly restart?: Restart;
  readonly shutdown?: Shutdown;
  readonly type?: "worker" | "supervisor";
  readonly significant?: boolean;
  /** Default: the class's own `startLink`, else `startLink` of the class with the argument. */
  readonly start?: (supervisor: Process) => PromiseLike<Pid<never>>;
}

/** A child as a supervisor takes it. */
export interface ChildSpec extends ChildOptions {
  readonly id: unknown;
  readonly start: (supervisor: Process) => PromiseLike<Pid<never>>;
}

/** A class that can say how a child of it is started. */
export interface ChildClass extends StartableClass {
  readonly childOptions: ChildOptions;
}

/** What `childSpec` takes: the second argument of the class's own `startLink` where it has one, else that of `init`. */
export type ChildArg<Class> = Class extends { readonly startLink: (self: never, ...rest: infer Rest) => unknown }
  ? Rest[0]
  : ArgOf<Class>;

/** `childSpec` as rest arguments, which may be left out where there is nothing to pass. */
export type ChildArgs<Class> =
  undefined extends ChildArg<Class> ? readonly [arg?: ChildArg<Class>] : readonly [arg: ChildArg<Class>];

/** The child specification of `Class` with `arg`. */
export function childSpecOf(Class: ChildClass, arg: unknown): ChildSpec {
  // What a supervisor puts before the arguments of all its children is for start functions that expect it (DSUP-7).
  const start = (supervisor: Process, ...extra: readonly unknown[]): PromiseLike<Pid<never>> =>
    hasOwnStart(Class) ? Class.startLink(supervisor, ...extra, arg) : startChild(Class, supervisor, arg);
  return { id: Class.name, start, ...Class.childOptions };
}

function startChild(Class: ChildClass, supervisor: Process, arg: unknown): PromiseLike<Pid<never>> {
  return startServer(supervisor, Class, { tie: "link", rest: [arg] });
}

function hasOwnStart(
  Class: ChildClass,
): Class is ChildClass & { startLink(self: Process, ...args: readonly unknown[]): PromiseLike<Pid<never>> } {
  return "startLink" in Class && typeof Class.startLink === "function";
}
