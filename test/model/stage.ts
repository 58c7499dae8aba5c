/** A node and the naive model of its processes, side by side: what is done to one is done to the other, and compared. */
import { DeadProcessError, ExitError, type Node, type Pid, type Process, type Ref, TIMEOUT } from "@otp/core";
import type { ManualRuntime } from "@otp/core/runtime";
import { expect } from "vitest";

import { inOrderOf } from "./order.ts";
import { type AliasMode, type ModelProcess, ProcessModel } from "./process-model.ts";
import type { aliasModes, Step } from "./process-steps.ts";
import { objectText, Puppet, textOf } from "./puppet.ts";

const modelMode: Readonly<Record<(typeof aliasModes)[number], AliasMode>> = {
  explicitUnalias: "explicit",
  demonitor: "demonitor",
  replyDemonitor: "replyDemonitor",
};

/** A step done to the node, and then to the model; a text from `model` is the error that the caller should have seen. */
interface Deed {
  readonly real: (self: Process) => unknown;
  readonly model: (result: unknown) => unknown;
}

/** Both worlds. */
export class Stage {
  readonly #node: Node;
  readonly #runtime: ManualRuntime;
  readonly #model = new ProcessModel();
  readonly #puppets = new Map<string, Puppet>();
  readonly #pids: Pid[] = [];
  readonly #refs: Ref[] = [];
  #made = 0;

  constructor(node: Node, runtime: ManualRuntime) {
    this.#node = node;
    this.#runtime = runtime;
  }

  /** Plays one step in both worlds and compares them. */
  async play(step: Step): Promise<void> {
    while (this.#model.living().length < 3) this.#enter(new Puppet((body) => this.#node.spawn(body)));
    await this.#runtime.settle();
    if (step.do === "advance") {
      this.#model.advance(step.ms);
      await this.#runtime.advance(step.ms);
    } else {
      const living = this.#model.living();
      const actor = living[step.who % living.length];
      if (actor !== undefined) await this.#perform(actor, this.#deed(step, actor));
    }
    this.#compare();
  }

  #enter(puppet: Puppet): ModelProcess {
    this.#puppets.set(String(puppet.pid), puppet);
    this.#pids.push(puppet.pid);
    return this.#model.add(String(puppet.pid));
  }

  async #perform(actor: ModelProcess, { real, model }: Deed): Promise<void> {
    const wrong: unknown[] = [];
    this.#puppets.get(actor.pid)?.pull(async (self) => {
      const [outcome] = await Promise.allSettled([(async () => real(self))()]);
      let uncaught: unknown;
      try {
        uncaught = model(outcome.status === "fulfilled" ? outcome.value : undefined);
      } catch (error) {
        wrong.push(error);
      }
      if (outcome.status === "fulfilled") {
        if (typeof uncaught === "string") wrong.push(new Error(`no error, but ${uncaught} was due`));
        return outcome.value;
      }
      const { reason } = outcome as { readonly reason: unknown };
      if (!(reason instanceof DeadProcessError && !actor.isAlive)) {
        const text = textOf(reason instanceof ExitError ? reason.reason : reason);
        if (text !== uncaught) wrong.push(new Error(`${text}, but ${uncaught} was due`, { cause: reason }));
        this.#model.end(actor, text);
      }
      throw reason;
    });
    await this.#runtime.settle();
    if (wrong.length > 0) throw wrong[0];
  }

  #deed(step: Exclude<Step, { readonly do: "advance" }>, actor: ModelProcess): Deed {
    const deed = this.#deedOfBirthAndDeath(step, actor) ?? this.#deedOfTies(step, actor);
    return deed ?? this.#deedOfMessages(step, actor);
  }

  #deedOfBirthAndDeath(step: Step, actor: ModelProcess): Deed | undefined {
    const model = this.#model;
    switch (step.do) {
      case "spawn":
      case "spawnDoomed": {
        const made: Ref[] = [];
        return {
          real: (self) => {
            const start = (body: (child: Process) => Promise<void> | never): Pid => {
              if (step.how !== "spawnMonitor") return self[step.how](body);
              const { pid, ref } = self.spawnMonitor(body);
              made.push(ref);
              return pid;
            };
            if (step.do === "spawn") this.#enter(new Puppet(start));
            else {
              const pid = start((child) => child.exit(step.reason));
              this.#pids.push(pid);
              model.add(String(pid));
            }
          },
          model: () => {
            const child = model.processes.at(-1) ?? actor;
            if (step.how === "spawnLink") model.link(actor, child);
            for (const ref of made) model.monitor(actor, this.#keep(ref), child, child.pid);
            if (step.do === "spawnDoomed") model.end(child, textOf(step.reason));
          },
        };
      }
      case "exit":
        return { real: (self) => self.exit(step.reason), model: () => textOf(step.reason) };
      case "throw":
        return {
          real: () => {
            throw new TypeError("thrown");
          },
          model: () => "TypeError thrown",
        };
      case "return":
        return { real: () => "return", model: () => model.end(actor, "normal") };
      case "sendExit": {
        const [pid, target] = this.#whom(step.whom);
        return {
          real: (self) => self.sendExit(pid, step.reason),
          model: () => model.exit(actor, target, textOf(step.reason), false),
        };
      }
      case "trap":
        return {
          real: (self) => self.flag("trapExit", step.on),
          model: (was) => {
            expect(was).toBe(actor.isTrapping);
            actor.isTrapping = step.on;
          },
        };
      default:
        return undefined;
    }
  }

  #deedOfTies(step: Step, actor: ModelProcess): Deed | undefined {
    const model = this.#model;
    switch (step.do) {
      case "link":
      case "unlink": {
        const [pid, target] = this.#whom(step.whom);
        return { real: (self) => void self[step.do](pid), model: () => model[step.do](actor, target) };
      }
      case "monitor": {
        const [pid, target] = this.#whom(step.whom);
        const options = step.alias === null ? undefined : { alias: step.alias };
        return {
          real: (self) => this.#note(self.monitor(pid, options)),
          model: (ref) => model.monitor(actor, String(ref), target, target.pid, options && modelMode[options.alias]),
        };
      }
      case "monitorName":
        return {
          real: (self) => this.#note(self.monitor(step.name)),
          model: (ref) => model.monitor(actor, String(ref), model.named(step.name), `name ${step.name}`),
        };
      case "demonitor": {
        const ref = this.#ref(step.ref);
        return {
          real: (self) => self.demonitor(ref, { flush: step.flush, info: true }),
          model: (was) => expect(was).toBe(model.demonitor(actor, String(ref), step.flush)),
        };
      }
      case "register": {
        const [pid, target] = this.#whom(step.whom);
        return { real: (self) => void self.register(step.name, pid), model: () => model.register(step.name, target) };
      }
      case "unregister":
        return { real: (self) => void self.unregister(step.name), model: () => model.unregister(step.name) };
      default:
        return undefined;
    }
  }

  #deedOfMessages(step: Step, actor: ModelProcess): Deed {
    const model = this.#model;
    const text = `m${(this.#made += 1)}`;
    switch (step.do) {
      case "send": {
        const [pid, target] = this.#whom(step.whom);
        return { real: (self) => void self.send(pid, text), model: () => model.send(actor.pid, target, text) };
      }
      case "sendName":
        return {
          real: (self) => void self.send(step.name, text),
          model: () => {
            const target = model.named(step.name);
            return target === undefined ? "ArgumentError" : model.send(actor.pid, target, text);
          },
        };
      case "alias":
        return {
          real: (self) => this.#note(self.alias({ reply: step.reply })),
          model: (ref) => model.alias(actor, String(ref), step.reply ? "reply" : "explicit"),
        };
      case "sendAlias": {
        const ref = this.#ref(step.ref);
        return {
          real: (self) => void self.send(ref, text),
          model: () => model.sendToAlias(actor.pid, String(ref), text),
        };
      }
      case "unalias": {
        const ref = this.#ref(step.ref);
        return {
          real: (self) => self.unalias(ref),
          model: (was) => expect(was).toBe(model.unalias(actor, String(ref))),
        };
      }
      case "timer": {
        const [to, target] = typeof step.whom === "string" ? [step.whom, step.whom] : this.#whom(step.whom);
        return {
          real: (self) => this.#note(self.sendAfter(to, text, step.ms)),
          model: (ref) => model.startTimer(String(ref), target, text, step.ms),
        };
      }
      case "cancel": {
        const ref = this.#ref(step.ref);
        return {
          real: (self) => self.cancelTimer(ref),
          model: (left) => expect(left).toBe(model.cancelTimer(String(ref))),
        };
      }
      case "receive":
        return {
          real: (self) => self.receive((message) => textOf(message).length % step.every === 0, { after: 0 }),
          model: (got) => {
            const first = actor.mailbox.find((message) => message.text.length % step.every === 0);
            expect(got === TIMEOUT ? undefined : textOf(got)).toBe(first?.text);
            actor.mailbox = actor.mailbox.filter((message) => message !== first);
          },
        };
      case "flush":
        return {
          real: (self) => self.flush(),
          model: (got) => {
            expect(Array.isArray(got) && got.map(textOf)).toEqual(actor.mailbox.map((message) => message.text));
            actor.mailbox = [];
          },
        };
      default:
        throw new Error(`nobody knows how to ${step.do}`);
    }
  }

  #note(ref: Ref): Ref {
    this.#keep(ref);
    return ref;
  }

  #keep(ref: Ref): string {
    this.#refs.push(ref);
    return String(ref);
  }

  #ref(index: number): Ref {
    return this.#refs.at(-1 - (index % Math.max(1, this.#refs.length))) ?? this.#node.makeRef();
  }

  #whom(index: number): readonly [Pid, ModelProcess] {
    // Mostly the living: what is done to the dead is soon told.
    const living = this.#model.living();
    const chosen = index % 4 === 0 ? undefined : living[index % Math.max(1, living.length)];
    const at = chosen === undefined ? index % this.#pids.length : this.#model.processes.indexOf(chosen);
    const [pid, process] = [this.#pids[at], this.#model.processes[at]];
    if (pid === undefined || process === undefined) throw new Error("the worlds have different processes");
    return [pid, process];
  }

  #compare(): void {
    const node = this.#node;
    expect(node.check()).toEqual([]);
    this.#pids.forEach((pid, at) => {
      const process = this.#model.processes[at];
      const info = node.info(pid);
      expect(info !== undefined, `${pid} is alive`).toBe(process?.isAlive);
      if (process === undefined || info === undefined) return;
      expect(info.links.map(String).toSorted()).toEqual(process.links.map((other) => other.pid).toSorted());
      expect(info.monitors.map(objectText).toSorted()).toEqual(process.monitors.map(({ object }) => object).toSorted());
      expect(info.monitoredBy.map(String).toSorted()).toEqual(this.#model.watchers(process).toSorted());
      expect(info.registeredName).toEqual(process.name ?? []);
      expect(info.trapExit).toBe(process.isTrapping);
      process.mailbox = inOrderOf(process.mailbox, info.messages.map(textOf));
    });
  }
}
