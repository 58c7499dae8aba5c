/** The callbacks of a server as the loop calls them, whatever their types. */
import type { Process } from "@otp/core";

import type { ShownStatus, Status } from "../sys/status.ts";
import type { From } from "../gen/from.ts";

/** An instance of a class of servers. */
export interface Callbacks {
  init(arg: unknown): unknown;
  handleCall(request: unknown, from: From, state: unknown): unknown;
  handleCast(message: unknown, state: unknown): unknown;
  handleInfo(message: unknown, state: unknown): unknown;
  handleContinue(value: unknown, state: unknown): unknown;
  terminate?(reason: unknown, state: unknown): unknown;
  formatStatus?(status: Status): ShownStatus;
  codeChange?(oldVersion: unknown, state: unknown, extra: unknown): unknown;
}

/** A class of servers. */
export type StartableClass = new (self: Process) => Callbacks;
