/** What an application is to the framework: its callbacks, what its class says about it, and the types that follow. */
import type { Pid, Process } from "@otp/core";

import type { Awaitable } from "../gen-server/gen-server.ts";

/** The callbacks of an application. */
export interface ApplicationCallbacks<Env = never> {
  /** Only for the type: what `start` takes. */
  readonly "~env"?: (env: Env) => void;
  start(self: Process, env: Env): Awaitable<Pid<never>>;
  startPhase?(self: Process, phase: string, arg: unknown): unknown;
  prepStop?(self: Process): unknown;
  stop?(self: Process): unknown;
}

/** Something that has to run before an application does: a class, or one with its environment (`Class.with(env)`). */
export type Dependency = ApplicationClass | readonly [application: ApplicationClass, env: unknown];

/** What a class says about its applications. */
export interface ApplicationOptions {
  /** Default: the name of the class. */
  readonly name?: string;
  /** One line for people; `--help` shows it. */
  readonly description?: string;
  /** What has to run before this one. */
  readonly dependencies?: readonly Dependency[];
  /** Steps to take once the tree runs, in this order, each by `startPhase`. */
  readonly startPhases?: readonly (string | readonly [phase: string, arg: unknown])[];
}

/** A class of applications. */
export interface ApplicationClass {
  new (): ApplicationCallbacks;
  readonly name: string;
  readonly options: ApplicationOptions;
}

/** The environment that an application takes. */
export type EnvOf<Class> = Class extends abstract new (...args: never) => { readonly "~env"?: (env: infer Env) => void }
  ? Env
  : never;

/** The top of the tree of an application, as its `start` gives it. */
export type TopOf<Class> = Class extends abstract new (...args: never) => { start(...args: never): infer Top }
  ? Awaited<Top>
  : never;

/** What follows a class: its environment, which may be left out where `start` takes none. */
export type EnvArgs<Class> =
  undefined extends EnvOf<Class> ? readonly [env?: EnvOf<Class>] : readonly [env: EnvOf<Class>];
