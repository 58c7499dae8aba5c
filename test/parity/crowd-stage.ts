/**
 * Plays a crowd in a simulation, one step of one process at a time; which comes next is asked of whoever plays.
 *
 * On a BEAM a process can be held up between any two of its steps, and what is sent to it other than messages is waited for by
 * nobody: it takes effect when its receiver runs again. So each step waits for its turn, and such signals stand in a queue before
 * their receiver, in the order of their arrival, until that queue has its turn (SIG-1, SIG-2). Here they take effect at once
 * (JS-3), which is the case where the queue is always next.
 */
import type { Node, Pid, Process, Ref } from "@otp/core";
import { type Kernel, Node as Inner } from "@otp/core/internal";
import type { Simulation } from "@otp/testing";

import type { Crowd, CrowdStep, Script } from "./crowd-steps.ts";
import { words } from "./crowd-words.ts";
import { Names } from "./words.ts";

/** What can come next: a step of a process, the queue before a process, the oldest timer. */
export interface Next {
  readonly kind: "step" | "queue" | "timer";
  readonly who: number;
}

/** Says which of those is next, by its place, given all there is to know of the moment; undefined ends the run. */
export type Chooser = (all: readonly Next[], moment: () => string) => number | undefined;

interface Signal {
  readonly from: number;
  readonly kind: "link" | "monitor" | "other";
  readonly what: string;
  readonly run: () => void;
}

interface Actor {
  readonly own: number;
  readonly script: Script;
  readonly log: string[];
  readonly queue: Signal[];
  readonly monitors: { readonly what: string; ref: Ref | undefined }[];
  done: number;
  isBusy: boolean;
}

const turn = { type: "$turn" };
const isTurn = (message: unknown): boolean => kindOf(message) === turn.type;
const isOther = (message: unknown): boolean => !isTurn(message);

/** The processes of one run. */
export class CrowdStage {
  readonly #node: Node;
  readonly #kernel: Kernel;
  readonly #actors: readonly Actor[];
  readonly #names = new Names();
  readonly #timers: { readonly who: number; readonly what: string; readonly run: () => void }[] = [];

  private constructor(node: Node, crowd: Crowd) {
    this.#node = node;
    if (!(node instanceof Inner)) throw new Error("expected a node of this package");
    this.#kernel = Inner.kernelOf(node);
    this.#actors = crowd.map((script, own) => ({
      own,
      script,
      log: [],
      queue: [],
      monitors: [],
      done: 0,
      isBusy: false,
    }));
  }

  /** What each process has seen in the end, line by line. */
  static async play(sim: Simulation, crowd: Crowd, choose: Chooser): Promise<string | undefined> {
    const stage = new CrowdStage(await sim.node("a"), crowd);
    for (const actor of stage.#actors)
      stage.#names.pids.push(stage.#node.spawn((self: Process) => stage.#live(self, actor)));
    await sim.run({ for: 0 });
    for (let all = stage.#all(); all.length > 0; all = stage.#all()) {
      const place = all.length === 1 ? 0 : choose(all, () => stage.#moment());
      const next = place === undefined ? undefined : all[place];
      if (next === undefined) return undefined;
      stage.#go(next);
      await sim.run({ for: 0 });
    }
    return stage.#actors.map((actor) => stage.#told(actor)).join("\n");
  }

  #all(): Next[] {
    const isFree = ({ own, script, done, isBusy }: Actor): boolean =>
      !isBusy && done < script.length && this.#node.isProcessAlive(this.#pid(own));
    const steps = this.#actors.filter(isFree).map(({ own }): Next => ({ kind: "step", who: own }));
    const queues = this.#actors.filter(({ queue }) => queue.length > 0);
    const timers = this.#timers.slice(0, 1).map(({ who }): Next => ({ kind: "timer", who }));
    return [...queues.map(({ own }): Next => ({ kind: "queue", who: own })), ...steps, ...timers];
  }

  #go({ kind, who }: Next): void {
    const actor = this.#actor(who);
    if (kind === "timer") this.#timers.shift()?.run();
    else if (kind === "queue") for (const { run } of actor.queue.splice(0)) run();
    else {
      actor.isBusy = true;
      this.#node.send(this.#pid(who), turn);
    }
  }

  async #live(self: Process, actor: Actor): Promise<void> {
    for (const step of actor.script) {
      await self.receive(isTurn);
      let value: unknown;
      try {
        value = await this.#act(self, actor, step);
      } catch (error) {
        if (step[0] === "exit") throw error;
        value = error;
      }
      actor.log.push(words(value, this.#names));
      actor.done += 1;
      actor.isBusy = false;
    }
    await self.sleep("infinity");
  }

  #act(self: Process, actor: Actor, step: CrowdStep): unknown {
    switch (step[0]) {
      case "take":
        return self.receive(isOther);
      case "look":
        return self.receive(isOther, { after: 0 });
      case "trap":
        self.trapExit = true;
        return "ok";
      case "exit":
        actor.log.push("exit");
        // What was asked for is under way already.
        for (const { queue } of this.#actors) runAll(queue, ({ from }) => from === actor.own);
        return self.exit(step[1]);
      case "register":
        return self.register(step[1]);
      case "unregister":
        return self.unregister(step[1]);
      case "whereis":
        return self.whereis(step[1]);
      case "sendName": {
        const pid = self.whereis(step[1]);
        if (pid === undefined) return self.send(step[1], { type: "message", number: step[2] }) && "ok";
        return this.#send(actor, this.#names.pids.indexOf(pid), step[2]);
      }
      case "send":
        return this.#send(actor, step[1], step[2]);
      case "timer": {
        const [, who, number] = step;
        const message = { type: "message", number };
        const pid = this.#pid(who);
        const what = `timer ${String(number)}`;
        const run = (): void => this.#deliver(actor.own, who, { what, run: () => this.#node.send(pid, message) });
        this.#timers.push({ who, what, run });
        return "ok";
      }
      default:
        return this.#tie(self, actor, step);
    }
  }

  #tie(self: Process, actor: Actor, step: CrowdStep): string {
    const { own } = actor;
    if (step[0] === "demonitor") {
      const latest = actor.monitors.pop();
      if (latest?.ref !== undefined) self.demonitor(latest.ref, { flush: true });
      return "ok";
    }
    const who = Number(step[1]);
    const what = step.join(" ");
    const [pid, { queue }] = [this.#pid(who), this.#actor(who)];
    if (step[0] === "link") {
      queue.push({ from: own, kind: "link", what, run: () => this.#link(self, pid) });
      return "link";
    }
    if (step[0] === "unlink") {
      drop(queue, ({ from, kind }) => from === own && kind === "link");
      self.unlink(pid);
    } else if (step[0] === "monitor") {
      const monitor: { readonly what: string; ref: Ref | undefined } = { what, ref: undefined };
      const run = (): void => {
        const isMeant = actor.monitors.includes(monitor) && this.#node.isProcessAlive(self.pid);
        if (isMeant) monitor.ref = self.monitor(pid);
      };
      actor.monitors.push(monitor);
      queue.push({ from: own, kind: "monitor", what, run });
    } else if (step[0] === "sendExit") {
      const reason = step[2];
      queue.push({ from: own, kind: "other", what, run: () => this.#kernel.sendExit(self.pid, pid, reason) });
    }
    return "ok";
  }

  /** The dead answer to a link (LINK-3), here at once, there when the signal has come. */
  #link(self: Process, pid: Pid): void {
    if (!this.#node.isProcessAlive(self.pid)) return;
    try {
      self.link(pid);
    } catch {
      this.#kernel.sendExit(pid, self.pid, "noproc");
    }
  }

  #send(actor: Actor, who: number, number: number): string {
    const [pid, message] = [this.#pid(who), { type: "message", number }];
    this.#deliver(actor.own, who, { what: `send ${String(number)}`, run: () => this.#node.send(pid, message) });
    return "ok";
  }

  /** A message waits for nothing but what its sender has sent before. */
  #deliver(from: number, who: number, { what, run }: { readonly what: string; readonly run: () => void }): void {
    const { queue } = this.#actor(who);
    if (queue.some((signal) => signal.from === from)) queue.push({ from, kind: "other", what, run });
    else run();
  }

  /** Two moments of the same words go on in the same ways. */
  #moment(): string {
    const ofActor = (actor: Actor): string => {
      const info = this.#node.info(this.#pid(actor.own));
      const queue = actor.queue.map(({ from, what }) => `${String(from)} ${what}`);
      const monitors = actor.monitors.map(({ what, ref }) => `${what} ${String(ref !== undefined)}`);
      const watched = info?.monitors.map((object) => words(object, this.#names)).toSorted() ?? [];
      const own = [info?.trapExit, info?.registeredName, actor.done, actor.isBusy].map(String);
      return [this.#told(actor), ...own, ...queue, "|", ...monitors, "|", ...watched].join(",");
    };
    const timers = this.#timers.map(({ who, what }) => `${String(who)} ${what}`);
    return [...this.#actors.map(ofActor), ...timers].join("\n");
  }

  #told({ own, log }: Actor): string {
    const info = this.#node.info(this.#pid(own));
    const seen = [`p${String(own)}:`, ...log, "/"].join(" ");
    if (info === undefined) return `${seen} dead`;
    const box = info.messages.map((message) => words(message, this.#names)).join("; ");
    return `${seen} links${this.#names.sorted(info.links)} by${this.#names.sorted(info.monitoredBy)} box[${box}]`;
  }

  #actor(who: number): Actor {
    const actor = this.#actors[who];
    if (actor === undefined) throw new Error("there is no such process");
    return actor;
  }

  #pid(who: number): Pid {
    const pid = this.#names.pids[who];
    if (pid === undefined) throw new Error("there is no such process");
    return pid;
  }
}

function drop(queue: Signal[], isMeant: (signal: Signal) => boolean): readonly Signal[] {
  const dropped = queue.filter(isMeant);
  const kept = queue.filter((signal) => !isMeant(signal));
  queue.splice(0, queue.length, ...kept);
  return dropped;
}

function runAll(queue: Signal[], isMeant: (signal: Signal) => boolean): void {
  for (const { run } of drop(queue, isMeant)) run();
}

function kindOf(message: unknown): unknown {
  return typeof message === "object" && message !== null && "type" in message ? message.type : undefined;
}
