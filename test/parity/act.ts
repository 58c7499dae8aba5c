/** What a step is made into, so that a process can do it. */
import { ArgumentError, CallError, ExitError, type Pid, type Process, type Ref } from "@otp/core";

import type { Diary, Kind } from "./server.ts";
import type { Step } from "./steps.ts";

/** What an act has come to: its value, and what is to be known from now on. */
export interface Did {
  readonly value: unknown;
  readonly refs?: readonly Ref[];
}

/** Something that a process does; the symbol is its last word. */
export interface Act {
  readonly run: (self: Process) => Did | Promise<Did> | typeof over;
  /** Whether it is waited for, having a limit. */
  readonly ends: boolean;
}

/** The act of returning. */
export const over: unique symbol = Symbol("over");

/** What an act may have to do with. */
export interface Surroundings extends Diary {
  readonly unit: number;
  whom(index: number): Pid;
  ref(index: number): Ref | undefined;
  any(kind: Kind, index: number): Pid | undefined;
  kindOf(name: string): Kind | undefined;
  /** Runs a puppet. */
  puppet(self: Process): Promise<void>;
}

/** A step that somebody does. */
export type Acted = Exclude<Step, readonly ["advance", number]>;

/** Makes an act. */
export function act(run: (self: Process) => Did | Promise<Did> | typeof over, ends = false): Act {
  return { run, ends };
}

/** An act of which only the value matters. */
export function value(run: (self: Process) => unknown): Act {
  return act((self) => ({ value: run(self) }));
}

/** Half a unit more than so many, so that no timer is due when time has been moved on by whole units. */
export function msOf(units: number, { unit }: Surroundings): number {
  return units * unit + unit / 2;
}

/** Thrown by a puppet to end as the step says. */
export class LastWord {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** What an error that an act has caught is called. */
export function caught(error: unknown): unknown {
  if (error instanceof CallError) return { type: "exited", error };
  if (error instanceof ArgumentError) return { type: "caught", reason: "badarg" };
  if (error instanceof ExitError) return { type: "caught", reason: error.reason };
  throw error;
}
