/**
 * Processes that wait for something outside the simulation, where no schedule and no virtual clock holds.
 *
 * When the microtasks after a turn are drained, the process has ended or waits: for a message, a timer, a call, a reply. One that
 * does none of these awaits something else. What that is can be told by the resources that it has asked the host for.
 */
import { type ControlBlock, type Kernel, type PendingCall, type ProcessControl } from "@otp/core/internal";
import { type HostResource, watchResources } from "@otp/core/runtime";

import { EscapeError } from "./stuck.ts";
import { wordFor } from "./words.ts";
import type { World } from "./world.ts";

/** What to do about it. */
const door = "Wait for what is not the simulation's, such as a file or a real timer, within sim.foreign(…).";

/** Watches the processes of one run. */
export class EscapeWatch {
  readonly #world: World;
  readonly #suspects = new Set<ProcessControl>();
  readonly #resources: string[] = [];
  /** Who sleeps until it ends. */
  readonly resting: WeakSet<ProcessControl> = new WeakSet();

  constructor(world: World) {
    this.#world = world;
    world.afterTurn = (process) => {
      if (process.isAlive && !this.#isWaiting(process)) this.#suspects.add(process);
      else this.#suspects.delete(process);
    };
  }

  /** From here on also what is asked of the host is watched; returns how to stop. */
  watchHost(): () => void {
    return watchResources((resource) => {
      const process = this.#world.current?.process;
      if (process === null || process === undefined || this.#world.outside.isWaitedFor || isOfTools(resource)) return;
      this.#resources.push(`process ${wordFor(process.pid)} asks the host for a ${resource.type}${placeOf(resource)}`);
    });
  }

  /** What has been asked of the host, in words. */
  get found(): readonly string[] {
    return [...new Set(this.#resources)];
  }

  /** Those who live and wait for nothing that is known, in words. */
  suspects(kernels: readonly Kernel[]): readonly string[] {
    const calling = new Set(kernels.flatMap(callersIn));
    return [...this.#suspects]
      .filter((process) => process.isAlive && kernels.includes(process.kernel) && !this.#isWaiting(process))
      .filter((process) => !calling.has(process))
      .map((process) => `process ${wordFor(process.pid)} awaits something that is not a message, a timer or a call`);
  }

  /** All that is known, as an error; undefined when nothing is. */
  errorFor(kernels: readonly Kernel[]): EscapeError | undefined {
    const words = [...this.found, ...this.suspects(kernels)];
    if (words.length === 0) return undefined;
    return new EscapeError(`${words.join("; ")}. ${door}`);
  }

  #isWaiting(process: ProcessControl): boolean {
    const { resolve, code, parts } = process;
    if (resolve !== null || this.resting.has(process)) return true;
    if (code !== null && !process.isBusy) return true;
    if ((parts?.sleepers?.size ?? 0) > 0 || (parts?.replies?.size ?? 0) > 0) return true;
    const { current } = this.#world;
    return current?.process === process && current.waiting > 0;
  }
}

function callersIn(kernel: Kernel): ControlBlock[] {
  const callers: ControlBlock[] = [];
  const add = (call: PendingCall): void => {
    if (call.caller !== null) callers.push(call.caller);
  };
  for (const call of kernel.callAliases.values()) add(call);
  for (const process of kernel.processes)
    for (let call = process.calls; call !== null; call = call.olderCall) add(call);
  return callers;
}

/** What a test runner does with what a process prints is not the process's doing. */
function isOfTools({ stack }: HostResource): boolean {
  return /node_modules\/(?:vitest|@vitest)\/|node:internal\/console/u.test(stack);
}

function placeOf({ stack }: HostResource): string {
  const line = stack
    .split("\n")
    .slice(1)
    .find((frame) => /\.[cm]?[jt]sx?:\d/u.test(frame) && !/node:|\/runtime\/resources\./u.test(frame));
  return line === undefined ? "" : ` (${line.trim()})`;
}
