/** A state machine that does what a test says. */
import type { Pid, Process } from "@otp/core";
import { GenStateMachine, type MachineEvent, nextState, start } from "@otp/genserver";

/** What a machine of these tests does. */
export interface Script {
  readonly init?: () => unknown;
  readonly on: (event: MachineEvent, state: unknown, data: unknown) => unknown;
  readonly stateEnter?: boolean;
  readonly terminate?: (reason: unknown, state: unknown, data: unknown) => unknown;
}

/** A machine that does what its script says; the script is untyped, since some of it is wrong on purpose. */
export class Scripted extends GenStateMachine<unknown, unknown, { call: unknown; cast: unknown }, Script> {
  #script: Script | undefined;
  override init(script: Script): ReturnType<GenStateMachine<unknown, unknown>["init"]> {
    this.#script = script;
    return (script.init ?? (() => nextState("a", 0)))() as ReturnType<Scripted["init"]>;
  }
  override handleEvent(
    event: MachineEvent,
    state: unknown,
    data: unknown,
  ): ReturnType<GenStateMachine<unknown, unknown>["handleEvent"]> {
    return this.#script?.on(event, state, data) as ReturnType<Scripted["handleEvent"]>;
  }
  override terminate(reason: unknown, state: unknown, data: unknown): unknown {
    return this.#script?.terminate?.(reason, state, data);
  }
}

/** The same, told of the states it enters. */
class Entering extends Scripted {
  override readonly stateEnter: boolean = true;
}

/** Starts a machine with that script. */
export const begin = (self: Process, script: Script): Promise<Pid> =>
  start(self, script.stateEnter === true ? Entering : Scripted, script);
