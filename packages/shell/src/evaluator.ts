/**
 * The process behind the prompt. What is typed is done in its name; when it ends, by a link or a signal, another takes its
 * place, and what was bound is forgotten, as in iex.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import type { Node, Pid, Process } from "@otp/core";
import { ProcessControl } from "@otp/core/internal";

/** What is told when the process ends. */
export type EvaluatorEnd = (pid: Pid<never>, reason: unknown) => void;

/** The shell's process, and whichever process code of the shell runs in. */
export class Evaluator {
  readonly node: Node;
  readonly #onEnd: EvaluatorEnd;
  readonly #running = new AsyncLocalStorage<Process>();
  #shell: Process;
  #isReleased = false;

  private constructor(node: Node, shell: Process, onEnd: EvaluatorEnd) {
    this.node = node;
    this.#shell = shell;
    this.#onEnd = onEnd;
    this.#watch();
  }

  /** Starts the first process of a shell. */
  static async start(node: Node, onEnd: EvaluatorEnd): Promise<Evaluator> {
    return new Evaluator(node, await launch(node), onEnd);
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

  #watch(): void {
    const { pid, signal } = this.#shell;
    signal.addEventListener("abort", () => void this.#restart(pid, signal.reason), { once: true });
  }

  async #restart(pid: Pid<never>, reason: unknown): Promise<void> {
    if (this.#isReleased) return;
    this.#shell = await launch(this.node);
    this.#watch();
    this.#onEnd(pid, reason);
  }
}

function launch(node: Node): Promise<Process> {
  return new Promise((resolve) => {
    node.spawn(async (self: Process) => {
      self.label = "shell";
      resolve(self);
      await self.sleep("infinity");
    });
  });
}
