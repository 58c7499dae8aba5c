/** A session: its evaluator, what was bound and what came out, without any terminal. */
import { DeadProcessError, type Node, type Pid } from "@otp/core";

import { bindingsOf } from "./bindings.ts";
import { Evaluator } from "./evaluator.ts";
import { type Guard, InterruptError, untilSignal } from "./guard.ts";
import { ModuleLoader } from "./load.ts";
import { describeExit, showValue, type Style } from "./print.ts";
import { GlobalScope, type Scope } from "./scope.ts";
import { Traveller } from "./travel.ts";

/** What a session is given. */
export interface SessionOptions {
  readonly node: Node;
  readonly style: Style;
  readonly print: (text: string) => void;
  /** Told when the evaluator has ended and another has taken its place. */
  readonly onRestart: (text: string) => void;
  /** Where its names live; the program's global object by default. */
  readonly scope?: Scope;
  /** Where its output goes; the node's own device by default. */
  readonly leader?: Pid;
  /** Gives the node a name. */
  readonly begin?: (name: string) => Promise<"ok" | "already_started">;
  /** How what it runs may be broken; by a signal by default. */
  readonly guard?: Guard;
}

/** Stands for the value of an input whose evaluator has ended meanwhile. */
export const ended: unique symbol = Symbol("ended");

/** One session. */
export class Session {
  readonly node: Node;
  readonly evaluator: Evaluator;
  readonly scope: Scope;
  readonly #options: SessionOptions;
  readonly #results: unknown[] = [];
  readonly #loader = new ModuleLoader();
  #isInterrupted = false;
  #giveUp: ((outcome: typeof ended | Error) => void) | null = null;

  private constructor(options: SessionOptions, evaluator: Evaluator) {
    this.#options = options;
    this.node = options.node;
    this.scope = options.scope ?? new GlobalScope();
    this.evaluator = evaluator;
  }

  /** Starts a session. */
  static async start(options: SessionOptions): Promise<Session> {
    const evaluator = await Evaluator.start({ node: options.node, leader: options.leader }, (pid, reason) =>
      session.#restart(pid, reason),
    );
    const session = new Session(options, evaluator);
    session.#bind();
    return session;
  }

  /** The number of the next input. */
  get count(): number {
    return this.#results.length + 1;
  }

  /** `otp(name)1> `, or with dots where an input goes on. */
  prompt(head = "otp"): string {
    const { node } = this.#options;
    return node.isAlive ? `${head}(${node.name})${this.count}> ` : `${head}(${this.count})> `;
  }

  /**
   * Runs a script and resolves with its value, which `v` then knows, or with `ended`; a promise is waited for.
   *
   * @throws whatever the script throws, or the reason of an interruption.
   */
  async run(code: string): Promise<unknown> {
    if (code === "") return undefined;
    const { signal } = this.evaluator.shell;
    try {
      const result = await this.#attempt(code);
      if (!signal.aborted) {
        if (result !== ended) this.#results.push(result);
        return result;
      }
    } catch (error) {
      // What it was about has ended by it, which is said.
      if (!(error instanceof DeadProcessError) || !signal.aborted) throw error;
    }
    // It belongs to a process that is no more; the next prompt is that of another.
    await this.evaluator.settled;
    return ended;
  }

  /** Waits for what is no script; it can be interrupted as one. */
  waitFor(value: Promise<unknown>): Promise<unknown> {
    return this.#wait(value);
  }

  /** Gives up what is waited for, or what is about to run. */
  interrupt(): void {
    this.#isInterrupted = this.#giveUp === null;
    this.#giveUp?.(new InterruptError());
  }

  /** An interruption that found nothing to interrupt is over. */
  calm(): void {
    this.#isInterrupted = false;
  }

  async #attempt(code: string): Promise<unknown> {
    return this.#wait(this.#begin(code));
  }

  #begin(code: string): unknown {
    if (this.#isInterrupted) throw new InterruptError();
    const guard = this.#options.guard ?? untilSignal;
    return guard(() => this.scope.run(code, `otp:${this.count}`));
  }

  #wait(value: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#giveUp = (outcome) => (outcome === ended ? resolve(ended) : reject(outcome));
      // Also settles for what is no promise.
      Promise.resolve(value).then(resolve, reject);
    }).finally(() => {
      this.#giveUp = null;
    });
  }

  #bind(): void {
    const { style, print, begin } = this.#options;
    const bindings = bindingsOf({
      evaluator: this.evaluator,
      begin,
      traveller: new Traveller(() => this.scope.userBindings()),
      look: {
        print: (text) => print(`${text}\n`),
        show: (value) => showValue(value, style),
        recall: (index) => this.#results.at(index > 0 ? index - 1 : index),
        load: (file) => this.#load(file),
        loaded: () => this.#loader.files,
      },
    });
    for (const [name, value] of Object.entries(bindings)) this.scope.offer(name, { value, writable: true });
    this.scope.offer("shell", { get: () => this.evaluator.shell });
    this.scope.settle();
  }

  async #load(file: string): Promise<object> {
    const exported = await this.#loader.load(file);
    for (const [name, value] of Object.entries(exported)) if (name !== "default") this.scope.set(name, value);
    return exported;
  }

  #restart(pid: unknown, reason: unknown): void {
    this.scope.clear();
    this.#results.length = 0;
    // The user may have bound one of our names to something else.
    this.#bind();
    this.#options.onRestart(describeExit(pid, reason));
    this.#giveUp?.(ended);
  }
}
