/** A session: its evaluator, what was bound and what came out, without any terminal. */
import { constants, Script } from "node:vm";

import type { Node } from "@otp/core";

import { bindingsOf } from "./bindings.ts";
import { Evaluator } from "./evaluator.ts";
import { ModuleLoader } from "./load.ts";
import { describeExit, showValue, type Style } from "./print.ts";
import { type Breakable, breakOnSignal, InterruptError } from "./terminal-keys.ts";
import { Traveller } from "./travel.ts";

/** What a session is given. */
export interface SessionOptions {
  readonly node: Node;
  readonly style: Style;
  readonly print: (text: string) => void;
  /** Told when the evaluator has ended and another has taken its place. */
  readonly onRestart: (text: string) => void;
  /** Runs scripts; default: until a signal breaks them. */
  readonly breakable?: Breakable;
}

/** Stands for the value of an input whose evaluator has ended meanwhile. */
export const ended: unique symbol = Symbol("ended");

/** One session. */
export class Session {
  readonly evaluator: Evaluator;
  readonly #options: SessionOptions;
  readonly #results: unknown[] = [];
  readonly #loader = new ModuleLoader();
  #known: ReadonlySet<string> = new Set();
  #isInterrupted = false;
  #giveUp: ((outcome: typeof ended | Error) => void) | null = null;

  private constructor(options: SessionOptions, evaluator: Evaluator) {
    this.#options = options;
    this.evaluator = evaluator;
  }

  /** Starts a session in the program's global scope. */
  static async start(options: SessionOptions): Promise<Session> {
    const evaluator = await Evaluator.start(options.node, (pid, reason) => session.#restart(pid, reason));
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

  /** What was bound before the user bound anything: taken again when more has been put into the global scope. */
  settle(): void {
    this.#known = new Set(Object.getOwnPropertyNames(globalThis));
  }

  /**
   * Runs a script and resolves with its value, which `v` then knows, or with `ended`; a promise is waited for.
   *
   * @throws whatever the script throws, or the reason of an interruption.
   */
  async run(code: string): Promise<unknown> {
    if (code === "") return undefined;
    const script = new Script(code, {
      filename: `otp:${this.count}`,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const result = await this.#wait(this.#begin(script));
    if (result !== ended) this.#results.push(result);
    return result;
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

  /** The names and values that the user has bound. */
  userBindings(): ReadonlyMap<string, unknown> {
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => !this.#known.has(name));
    return new Map(names.map((name) => [name, Reflect.get(globalThis, name)]));
  }

  #begin(script: Script): unknown {
    if (this.#isInterrupted) throw new InterruptError();
    return (this.#options.breakable ?? breakOnSignal)(script);
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
    const { style, print } = this.#options;
    const bindings = bindingsOf({
      evaluator: this.evaluator,
      traveller: new Traveller(() => this.userBindings()),
      look: {
        print: (text) => print(`${text}\n`),
        show: (value) => showValue(value, style),
        recall: (index) => this.#results.at(index > 0 ? index - 1 : index),
        load: (file) => this.#load(file),
      },
    });
    for (const [name, value] of Object.entries(bindings)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
    }
    Object.defineProperty(globalThis, "shell", { get: () => this.evaluator.shell, configurable: true });
    this.settle();
  }

  async #load(file: string): Promise<object> {
    const exported = await this.#loader.load(file);
    for (const [name, value] of Object.entries(exported)) if (name !== "default") Reflect.set(globalThis, name, value);
    return exported;
  }

  #restart(pid: unknown, reason: unknown): void {
    for (const name of this.userBindings().keys()) {
      // What was declared by `function` or `class` in the middle of a script cannot be deleted.
      if (!Reflect.deleteProperty(globalThis, name)) Reflect.set(globalThis, name, undefined);
    }
    this.#results.length = 0;
    // The user may have bound one of our names to something else.
    this.#bind();
    this.#options.onRestart(describeExit(pid, reason));
    this.#giveUp?.(ended);
  }
}
