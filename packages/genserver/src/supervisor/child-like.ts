/**
 * The forms in which a child may be given (SUP-28): a spec, a class of servers, or a class with its argument; and the types
 * that hold each class to the argument it takes.
 */
import { ArgumentError, type Pid, type Process } from "@otp/core";
import { show } from "@otp/core/internal";

import type { ServerName } from "../gen/server-name.ts";
import type { ChildArg } from "../gen-server/child-spec.ts";
import type { ProtocolOf, ServerPid } from "../gen-server/protocol.ts";
import type { ChildSpec } from "./child-spec.ts";

/** What can say how a child of it is started: a class of servers or supervisors, `DynamicSupervisor`, … */
export interface ChildModule {
  childSpec(arg: never): ChildSpec;
}

/** A child in any form; what a class takes is checked where it is given. */
export type ChildLike = ChildSpec | ChildModule | readonly [module: ChildModule, arg: unknown];

/** The argument that a module takes for a child. */
export type ModuleArg<Module> = Module extends abstract new (...args: never) => { init(arg: never): unknown }
  ? ChildArg<Module>
  : Module extends { childSpec(arg: infer Arg): unknown }
    ? Arg
    : never;

/** `Given` where it is right, and what it should be where it is not: a class gets its argument, a function its own. */
export type RightChild<Given> = Given extends { readonly start: readonly [infer Start, ...infer Args] }
  ? Args extends ArgsAfterSelf<Start>
    ? Given
    : { readonly start: readonly [start: Start, ...args: ArgsAfterSelf<Start>] }
  : RightModule<Given>;

/** Like `RightChild`, but leaves alone what a start function is given: a `DynamicSupervisor` may put more before it. */
export type RightModule<Given> = Given extends readonly [infer Module, infer Arg]
  ? [Arg] extends [ModuleArg<Module>]
    ? Given
    : readonly [module: Module, arg: ModuleArg<Module>]
  : Given extends ChildModule
    ? undefined extends ModuleArg<Given>
      ? Given
      : readonly [module: Given, arg: ModuleArg<Given>]
    : Given;

/** A list of children, each of them right. */
export type RightChildren<Given extends readonly unknown[]> = {
  readonly [Index in keyof Given]: RightChild<Given[Index]>;
};

/**
 * What the options beside a list of children have to be besides options: nothing, where every child is right. The complaint
 * stands there and not at the child, for only then are functions within the list typed by it.
 */
export type IfRight<Given extends readonly unknown[]> =
  Given extends RightChildren<Given>
    ? unknown
    : { readonly "a child before this is wrong; they have to be": RightChildren<Given> };

/** The pid that a child started from `Given` has. */
export type PidOfChild<Given> = Given extends readonly [infer Module, ...unknown[]]
  ? PidOfModule<Module>
  : Given extends ChildModule
    ? PidOfModule<Given>
    : Given extends { readonly start: infer Start }
      ? Start extends readonly [infer Function, ...unknown[]]
        ? PidOfStart<Function>
        : PidOfStart<Start>
      : Pid;

type ArgsAfterSelf<Start> = Start extends (self: Process, ...args: infer Args) => unknown ? Args : never;

type PidOfModule<Module> = Module extends { startLink(self: never, ...rest: never): infer Result }
  ? PidIn<Result>
  : [ProtocolOf<Module>] extends [never]
    ? Pid
    : ServerPid<ProtocolOf<Module>>;

type PidOfStart<Start> = Start extends (...args: never) => infer Result ? PidIn<Result> : Pid;

// Of a child whose type says nothing nobody knows what it accepts.
type PidIn<Result> =
  Awaited<Result> extends infer Given
    ? Given extends Pid<never>
      ? [Pid<never>] extends [Given]
        ? Pid
        : Given
      : Given extends { readonly pid: infer Inner }
        ? PidIn<Inner>
        : never
    : never;

/** What may stand in for single fields of a spec. */
export type SpecOverrides = Partial<ChildSpec>;

const fields: readonly string[] = ["id", "start", "restart", "shutdown", "type", "modules", "significant"];

/**
 * The spec of a child in any form, not yet checked.
 *
 * @throws ArgumentError for what is no form of a child.
 */
export function specOf(given: unknown): ChildSpec {
  if (isArray(given)) {
    const [module, arg] = given;
    if (isChildModule(module) && given.length === 2) return specFrom(module, arg);
    if (typeof module === "function") throw noChildModule(module);
  } else if (isChildModule(given)) {
    return specFrom(given, undefined);
  } else if (typeof given === "function") {
    throw noChildModule(given);
  } else if (isSpecLike(given)) {
    return given;
  }
  throw new ArgumentError(
    `supervisors expect each child to be one of: a child spec { id, start, … }; a class with a static childSpec; [class, arg]. Got: ${show(given)}`,
  );
}

/** A spec with some of its fields replaced. @throws ArgumentError for a field that specs do not have. */
export function overridden(spec: ChildSpec, overrides: SpecOverrides): ChildSpec {
  const unknown = Object.keys(overrides).find((field) => !fields.includes(field));
  if (unknown === undefined) return { ...spec, ...overrides };
  throw new ArgumentError(`expected overrides of ${fields.join(", ")}. Got: ${unknown}`);
}

/** The id of a supervisor as a child: its name, else what it is. */
export function idOf(name: ServerName | null | undefined, kind: string): unknown {
  if (name === undefined || name === null) return kind;
  if (typeof name === "string") return name;
  return "global" in name ? name.global : name.name;
}

function noChildModule(given: { readonly name: string }): ArgumentError {
  return new ArgumentError(
    `${given.name === "" ? "a function" : given.name} was given as a child to a supervisor, but it has no static childSpec(arg); give a class that has one, or a child spec { id, start, … }`,
  );
}

function specFrom(module: { childSpec(arg: unknown): ChildSpec }, arg: unknown): ChildSpec {
  return module.childSpec(arg);
}

function isChildModule(value: unknown): value is { childSpec(arg: unknown): ChildSpec } {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return "childSpec" in value && typeof value.childSpec === "function";
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Whatever is an object may claim to be a spec; the supervisor says what is wrong with it. */
function isSpecLike(value: unknown): value is ChildSpec {
  return typeof value === "object" && value !== null;
}
