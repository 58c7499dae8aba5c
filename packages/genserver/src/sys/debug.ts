/** What is recorded of a behaviour on request: counters, the last events, a trace, and functions of the user's (SYS-5, SYS-6). */
import { ArgumentError, type Pid } from "@otp/core";
import { type ProcessControl, show } from "@otp/core/internal";

import { showTerm } from "../gen/report.ts";

/** Something that happened in a behaviour. */
export type DebugEvent =
  | { readonly type: "in"; readonly message: unknown; readonly from?: Pid }
  | { readonly type: "out"; readonly message: unknown; readonly to: Pid; readonly state: unknown }
  | { readonly type: "noreply"; readonly state: unknown };

/** What may be recorded from the start (`debug` of the start options). */
export type DebugOption = "statistics" | "log" | "trace";

/** Called for each event with its own state; gives the next one, or `"done"` to be removed (SYS-6). */
export type DebugFunction = (state: unknown, event: DebugEvent, pid: Pid) => unknown;

/** Numbers since they were switched on. */
export interface Statistics {
  /** Milliseconds on the node's monotonic clock. */
  readonly startTime: number;
  readonly currentTime: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

interface Installed {
  readonly fn: DebugFunction;
  state: unknown;
}

const defaultLog = 10;

/** What is recorded of one behaviour; there is none while nothing is asked for. */
export class Debug {
  #process: ProcessControl | null = null;
  #since: number | null = null;
  #messagesIn = 0;
  #messagesOut = 0;
  #log: { readonly limit: number; events: DebugEvent[] } | null = null;
  #isTracing = false;
  readonly #functions = new Map<unknown, Installed>();

  /** Notes an event; a function that fails is removed. */
  record(event: DebugEvent): void {
    if (event.type === "in") this.#messagesIn += 1;
    else if (event.type === "out") this.#messagesOut += 1;
    const log = this.#log;
    if (log !== null) log.events = [...log.events, event].slice(-log.limit);
    const process = this.#process;
    if (process === null) return;
    if (this.#isTracing) trace(process, event);
    for (const [id, installed] of this.#functions) this.#run(id, installed, { event, pid: process.pid });
  }

  /** The logged events, oldest first. */
  events(): readonly DebugEvent[] {
    return this.#log?.events ?? [];
  }

  switchStatistics(process: ProcessControl, on: boolean): void {
    this.#attach(process);
    this.#since = on ? process.kernel.runtime.now() : null;
    this.#messagesIn = 0;
    this.#messagesOut = 0;
  }

  /** The numbers, or `"no_statistics"`. */
  statistics(process: ProcessControl): Statistics | "no_statistics" {
    if (this.#since === null) return "no_statistics";
    return {
      startTime: this.#since,
      currentTime: process.kernel.runtime.now(),
      messagesIn: this.#messagesIn,
      messagesOut: this.#messagesOut,
    };
  }

  /** Keeps the last `limit` events from now on; none when it is 0. */
  switchLog(process: ProcessControl, limit: number): void {
    this.#attach(process);
    this.#log = limit === 0 ? null : { limit, events: this.#log?.events.slice(-limit) ?? [] };
  }

  switchTrace(process: ProcessControl, on: boolean): void {
    this.#attach(process);
    this.#isTracing = on;
  }

  /** Installs a function under an id; one that is there already stays as it is. */
  install(
    process: ProcessControl,
    id: unknown,
    installed: { readonly fn: DebugFunction; readonly state: unknown },
  ): void {
    this.#attach(process);
    if (!this.#functions.has(id)) this.#functions.set(id, { ...installed });
  }

  remove(id: unknown): void {
    this.#functions.delete(id);
  }

  /** What is switched on, for status replies. */
  describe(): readonly string[] {
    const on: string[] = [];
    if (this.#since !== null) on.push("statistics");
    if (this.#log !== null) on.push("log");
    if (this.#isTracing) on.push("trace");
    if (this.#functions.size > 0) on.push("install");
    return on;
  }

  #attach(process: ProcessControl): void {
    this.#process = process;
  }

  #run(id: unknown, installed: Installed, { event, pid }: { readonly event: DebugEvent; readonly pid: Pid }): void {
    try {
      const next = installed.fn(installed.state, event, pid);
      if (next === "done") this.#functions.delete(id);
      else installed.state = next;
    } catch {
      // By contract a function that fails is removed, and the server goes on (SYS-6).
      this.#functions.delete(id);
    }
  }
}

/** The records that start options ask for. */
export function debugFrom(process: ProcessControl, options: readonly DebugOption[] | undefined): Debug | null {
  if (options === undefined || options.length === 0) return null;
  const debug = new Debug();
  for (const option of options) {
    if (option === "statistics") debug.switchStatistics(process, true);
    else if (option === "log") debug.switchLog(process, defaultLog);
    else if (option === "trace") debug.switchTrace(process, true);
    else throw new ArgumentError(`expected statistics, log or trace to debug. Got: ${show(option)}`);
  }
  return debug;
}

/** How many events `log` keeps when it is not told. */
export function logLimit(flag: true | number): number {
  return flag === true ? defaultLog : flag;
}

function trace(process: ProcessControl, event: DebugEvent): void {
  const name = process.parts?.name ?? String(process.pid);
  process.kernel.report({
    kind: "custom",
    level: "info",
    message: `*DBG* ${name} ${sayEvent(event)}`,
    fields: { event: "sys_trace", name, pid: String(process.pid) },
  });
}

function sayEvent(event: DebugEvent): string {
  switch (event.type) {
    case "in":
      return `got ${showTerm(event.message)}${event.from === undefined ? "" : ` from ${event.from}`}`;
    case "out":
      return `sent ${showTerm(event.message)} to ${event.to}, new state ${showTerm(event.state)}`;
    case "noreply":
      return `new state ${showTerm(event.state)}`;
  }
}
