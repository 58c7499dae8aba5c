/** What a task is to do, as it is told to the process that does it, here or on another node. */
import { ArgumentError, isRemoteFunction, Pid, type Process } from "@otp/core";
import { type ProcessControl, show } from "@otp/core/internal";

import { callerOf, type Context } from "../gen/context.ts";

type AnyFunction = (...args: never) => unknown;

/** What a task does: gets the process that it runs in, whose `signal` is aborted when it is ended, and its arguments. */
export type TaskFunction<Accepted, Args extends readonly unknown[], Result> = (
  self: Process<Accepted>,
  ...args: Args
) => Result;

/** A function with its arguments. */
export interface Work {
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
}

/** Work, and on whose behalf it is done. */
export interface TaskOrder extends Work {
  /** The process that started the task; null for code outside any. */
  readonly starter: Pid | null;
  /** The starter and those on whose behalf it acts itself, nearest first (TASK-9). */
  readonly callers: readonly Pid[];
  /** Whether the task begins only when its owner has told it where the result goes. */
  readonly isHeld: boolean;
}

/** Where and how a task is to run. */
export interface TaskPlace {
  /** The node to run on; needs a function made by `remote` when it is another one. */
  readonly node?: string;
}

/** `(fn, …args)` or `(options, fn, …args)`. */
export type TaskArguments =
  | readonly [fn: AnyFunction, ...args: readonly unknown[]]
  | readonly [options: object, fn: AnyFunction, ...args: readonly unknown[]];

/** The two forms of arguments, sorted out. @throws ArgumentError for anything else. */
export function parseArguments(given: TaskArguments): Work & { readonly options: object } {
  const [first, second, ...rest] = given;
  if (isFunction(first)) return { options: {}, fn: first, args: given.slice(1) };
  if (typeof first === "object" && first !== null && isFunction(second))
    return { options: first, fn: second, args: rest };
  throw new ArgumentError(
    `expected a task as (fn, …args) or (options, fn, …args). Got: ${show(first)}, ${show(second)}`,
  );
}

/** The order for a task started by `context`. */
export function orderFrom(context: Context, { fn, args, isHeld }: Work & Pick<TaskOrder, "isHeld">): TaskOrder {
  const starter = callerOf(context);
  const callers = starter === null ? [] : [starter.pid, ...callersOf(starter)];
  return { fn, args, starter: starter?.pid ?? null, callers, isHeld };
}

/** Refuses a function that cannot be told to another node. */
export function checkTravels(fn: AnyFunction, node: string): void {
  if (isRemoteFunction(fn)) return;
  throw new ArgumentError(
    `expected a function made by remote("name", …) for a task on ${node}, since code does not travel. Got: ${nameOf(fn)}`,
  );
}

/** An order that may have come from another node. @throws ArgumentError for what is none. */
export function checkOrder(given: unknown): TaskOrder {
  if (isOrder(given)) return given;
  throw new ArgumentError(`expected the order of a task. Got: ${show(given)}`);
}

/** The name of a function, for people. */
export function nameOf(fn: { readonly name: string }): string {
  return fn.name === "" ? "an anonymous function" : fn.name;
}

function callersOf(process: ProcessControl): readonly Pid[] {
  // Asking for the dictionary would make one.
  return pidsIn(process.parts?.dictionary?.get("$callers"));
}

function pidsIn(value: unknown): readonly Pid[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  return given.filter((item): item is Pid => item instanceof Pid);
}

function isOrder(value: unknown): value is TaskOrder {
  if (typeof value !== "object" || value === null) return false;
  if (!("fn" in value && "args" in value && "starter" in value && "callers" in value && "isHeld" in value))
    return false;
  const { fn, args, starter, callers, isHeld } = value;
  if (typeof fn !== "function" || !Array.isArray(args) || typeof isHeld !== "boolean") return false;
  if (!Array.isArray(callers) || pidsIn(callers).length !== callers.length) return false;
  return starter instanceof Pid || (starter === null && !isHeld);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}
