/**
 * Supervisor modules: classes whose `init` says, in the supervisor's own process, what the supervisor is to be.
 *
 * They are classes of their own and not subclasses of `Supervisor`, so that each is free to have a static `startLink` with
 * a signature of its own, by which its supervisor starts it, too.
 */
import type { Process } from "@otp/core";

import type { ChildArgs, ChildOptions } from "../gen-server/child-spec.ts";
import type { Awaitable } from "../gen-server/gen-server.ts";
import type { Ignore } from "../gen-server/result.ts";
import { startLink } from "../gen-server/start.ts";
import type { ChildSpec, Started } from "./child-spec.ts";
import type { DynamicInit } from "./dynamic-flags.ts";
import { DynamicServer } from "./dynamic-server.ts";
import { type ModuleClass, planOf } from "./plan.ts";
import { type SupervisorInit, SupervisorServer } from "./supervisor-server.ts";

/** What all supervisor modules have in common. */
abstract class Module<Arg> {
  /** Only for the type: what `init` takes. */
  declare readonly "~arg"?: (arg: Arg) => void;

  /** What `childSpec` is to say about supervisors of this class. */
  static readonly childOptions: ChildOptions = {};

  /** The process that this supervisor is. */
  readonly self: Process;

  /** Called in the supervisor's own process. */
  constructor(self: Process) {
    this.self = self;
  }
}

/**
 * A `Supervisor` that knows its children by itself.
 *
 * @example
 * import { GenServer, ok, Supervisor } from "@otp/genserver";
 *
 * class Cache extends GenServer<number, { cast: never }, { size: number }> {
 *   override init({ size }: { size: number }) {
 *     return ok(size);
 *   }
 * }
 *
 * class Storage extends Supervisor.Module<{ size: number }> {
 *   override init({ size }: { size: number }) {
 *     return Supervisor.init([[Cache, { size }]], { strategy: "one_for_one" });
 *   }
 * }
 *
 * const root = await Supervisor.startLink(self, [[Storage, { size: 10 }]], { strategy: "one_for_one" });
 * (await Supervisor.whichChildren(self, root)).map((child) => child.type); // => ["supervisor"]
 * await Supervisor.stop(self, root);
 */
export abstract class SupervisorModule<Arg = undefined> extends Module<Arg> {
  /** Names the children, in the order of starting, by `Supervisor.init`; or `ignore`. */
  abstract init(arg: Arg): Awaitable<SupervisorInit | Ignore>;

  /** How another supervisor starts this one: by its static `startLink(self, arg)` if it has one. */
  static childSpec<Class extends ModuleClass>(this: Class, ...[arg]: ChildArgs<Class>): ChildSpec {
    return moduleSpec(this, arg, (self) => startLink(self, SupervisorServer, planOf(this, arg)));
  }
}

/** A `DynamicSupervisor` that knows its flags by itself. */
export abstract class DynamicModule<Arg = undefined> extends Module<Arg> {
  /** Gives the flags, by `DynamicSupervisor.init`; or `ignore`. */
  abstract init(arg: Arg): Awaitable<DynamicInit | Ignore>;

  /** How another supervisor starts this one: by its static `startLink(self, arg)` if it has one. */
  static childSpec<Class extends ModuleClass>(this: Class, ...[arg]: ChildArgs<Class>): ChildSpec {
    return moduleSpec(this, arg, (self) => startLink(self, DynamicServer, planOf(this, arg)));
  }
}

function moduleSpec(Class: ModuleClass, arg: unknown, start: (self: Process) => PromiseLike<Started>): ChildSpec {
  return {
    id: Class.name,
    type: "supervisor",
    modules: [Class.name],
    start: (self) => (hasOwnStart(Class) ? Class.startLink(self, arg) : start(self)),
    ...Class.childOptions,
  };
}

function hasOwnStart(
  Class: ModuleClass,
): Class is ModuleClass & { startLink(self: Process, arg: unknown): PromiseLike<Started> } {
  return "startLink" in Class && typeof Class.startLink === "function";
}
