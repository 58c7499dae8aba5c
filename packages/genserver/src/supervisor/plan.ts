/** How the process of a supervisor comes to know what it is to be: by a module's `init`, or by what stands for one. */
import type { Process } from "@otp/core";

import type { StartOptions } from "../gen/start.ts";
import type { ChildOptions } from "../gen-server/child-spec.ts";
import type { ArgOf } from "../gen-server/protocol.ts";

/** What the process of a supervisor begins with. */
export interface SupervisorPlan {
  /** Who made `init`, for the reason of a start that fails. */
  readonly module: string;
  /** Runs in the supervisor's process; what it gives is checked there. */
  readonly init: (self: Process) => unknown;
}

/** A class of supervisor modules. */
export interface ModuleClass {
  new (self: Process): { init(arg: never): unknown };
  readonly name: string;
  readonly childOptions: ChildOptions;
}

/** What follows a module: its argument, which may be left out where `init` takes none, and options. */
export type ModuleArgs<Class> =
  undefined extends ArgOf<Class>
    ? readonly [arg?: ArgOf<Class>, options?: StartOptions]
    : readonly [arg: ArgOf<Class>, options?: StartOptions];

/** The plan of a module with its argument. */
export function planOf(Class: ModuleClass, arg: unknown): SupervisorPlan {
  return {
    module: Class.name,
    init: (self) => {
      const module: { init(arg: unknown): unknown } = new Class(self);
      return module.init(arg);
    },
  };
}
