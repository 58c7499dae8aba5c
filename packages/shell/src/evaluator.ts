/**
 * The process behind the prompt. What is typed is done in its name; when it ends, by a link or a signal, another takes its
 * place, and what was bound is forgotten, as in iex.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import type { Node, Pid, Process } from "@otp/core";
import { ProcessControl } from "@otp/core/internal";

/** What is told when the process ends. */
export type EvaluatorEnd = (pid: Pid<never>, reason: unknown) => void;

/** Where a shell's process runs. */
export interface EvaluatorPlace {
  readonly node: Node;
  /** Where its output goes; the node's own device by default. */
  readonly leader: Pid | undefined;
}

/** The shell's process, and whichever process code of the shell runs in. */
export class Evaluator {
  readonly node: Node;
  readonly #leader: Pid | undefined;
  readonly #onEnd: EvaluatorEnd;
  readonly #running = new AsyncLocalStorage<Process>();
  #shell: Process;
  #isReleased = false;
  #restarting: Promise<void> = Promise.resolve();

  private constructor({ node, leader }: EvaluatorPlace, shell: Process, onEnd: EvaluatorEnd) {
    this.node = node;
    this.#leader = leader;
    this.#shell = shell;
    this.#onEnd = onEnd;
    this.#watch();
  }

  /** Starts the first process of a shell. */
  static async start(place: EvaluatorPlace, onEnd: EvaluatorEnd): Promise<Evaluator> {
    return new Evaluator(place, await launch(place), onEnd);
  }

  /** The shell's own process. */
  get shell(): Process {
    return this.#shell;
  }

  /** The process in whose name code is running: one that was spawned with a function of the shell, else the shell's. */
  get current(): Process {
    return this.#running.getStore() ?? this.#shell;
  }

  /** A function that, given a process first, runs in its name. */
  inProcess(fn: (...args: never) => unknown): (...args: readonly unknown[]) => unknown {
    return (...args) => {
      const self = args.find((arg) => arg instanceof ProcessControl);
      const run = (): unknown => Reflect.apply(fn, undefined, args);
      return self === undefined ? run() : this.#running.run(self, run);
    };
  }

  /** The end of the process is the end, from now on: the node is about to stop. */
  release(): void {
    this.#isReleased = true;
  }

  /** Ends the process, and no other takes its place. */
  end(): void {
    this.release();
    this.node.sendExit(this.#shell.pid, "kill");
  }

  /** Resolves once a process has taken the place of one that has ended. */
  get settled(): Promise<void> {
    return this.#restarting;
  }

  #watch(): void {
    const { pid, signal } = this.#shell;
    const restart = (): void => {
      this.#restarting = this.#restart(pid, signal.reason);
    };
    signal.addEventListener("abort", restart, { once: true });
  }

  async #restart(pid: Pid<never>, reason: unknown): Promise<void> {
    if (this.#isReleased) return;
    this.#shell = await launch({ node: this.node, leader: this.#leader });
    this.#watch();
    this.#onEnd(pid, reason);
  }
}

function launch({ node, leader }: EvaluatorPlace): Promise<Process> {
  return new Promise((resolve) => {
    node.spawn(async (self: Process) => {
      self.label = "shell";
      if (leader !== undefined) node.setGroupLeader(self.pid, leader);
      resolve(self);
      await self.sleep("infinity");
    });
  });
}
