/** The callbacks of a state machine as its loop calls them. */
import type { ShownStatus, Status } from "../sys/status.ts";
import type { MachineEvent } from "./event.ts";

/** The callbacks of a machine, whatever their types. */
export interface MachineCallbacks {
  readonly name: string;
  readonly stateEnter: boolean;
  init(arg: unknown): unknown;
  handle(event: MachineEvent, state: unknown, data: unknown): unknown;
  terminate?(reason: unknown, state: unknown, data: unknown): unknown;
  formatStatus?(status: Status): ShownStatus;
  codeChange?(oldVersion: unknown, inside: unknown, extra: unknown): unknown;
}
