/** The callbacks of a server as the loop calls them, whatever their types. */
import type { Process } from "@otp/core";
import type { ProcessControl } from "@otp/core/internal";

import type { ShownStatus, Status } from "../sys/status.ts";
import type { From } from "../gen/from.ts";
import type { Origin } from "../gen/origin.ts";
import type { Booted } from "../gen/start.ts";
import type { DebugOption } from "../sys/debug.ts";

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

/** What a behaviour's own way of coming to life needs to know. */
export interface BootWishes {
  readonly arg: unknown;
  readonly debug: readonly DebugOption[] | undefined;
}

/** An instance of a behaviour that is no server and comes to life in its own way. */
export interface Bootable {
  "~boot"(self: ProcessControl, origin: Origin, wishes: BootWishes): Booted | PromiseLike<Booted>;
}

/** A class of servers, or of another behaviour that is started as they are. */
export type StartableClass = new (self: Process) => Callbacks | Bootable;
