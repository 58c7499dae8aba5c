/** Plays random programs on our side, step by step on a virtual clock; the counterpart of `oracle.erl`. */
import { DeadProcessError, Node, type Pid, type Process, type Ref } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import { Supervisor } from "@otp/genserver";

import { type Act, caught, type Did, LastWord, over, type Surroundings } from "./act.ts";
import { actOf } from "./acts.ts";
import type { Kind } from "./server.ts";
import type { Program, Step } from "./steps.ts";
import { Names } from "./words.ts";

type Event =
  | { readonly type: "born"; readonly pid: Pid; readonly kind: Kind }
  | { readonly type: "log"; readonly pid: Pid; readonly what: unknown }
  | { readonly type: "did"; readonly pid: Pid; readonly did: Did };

/** How many ms of virtual time are one unit of a program's. */
const unitMs = 12;

/** The processes of one program. */
export class Stage implements Surroundings {
  readonly unit = unitMs;
  readonly #node: Node;
  readonly #runtime: ManualRuntime;
  readonly #names = new Names();
  readonly #kinds = new Map<Pid, Kind>();
  readonly #busy = new Map<Pid, Act>();
  readonly #pull = new Map<Pid, (act: Act) => void>();
  readonly #attempts = new Map<string, number>();
  readonly #shown = new Map<string, string>();
  #events: Event[] = [];

  private constructor(node: Node, runtime: ManualRuntime) {
    this.#node = node;
    this.#runtime = runtime;
  }

  /** What is to be seen of a program, line by line. */
  static async play(program: Program): Promise<string> {
    const runtime = new ManualRuntime();
    const node = await Node.start({ runtime });
    const stage = new Stage(node, runtime);
    const lines: string[] = [];
    for (const [at, step] of program.entries()) lines.push(`${String(at + 1)}\n${await stage.#step(step)}`);
    const stopped = node.stop();
    await runtime.advance(10_000);
    await stopped;
    return lines.join("");
  }

  born(pid: Pid, kind: Kind): void {
    this.#events.push({ type: "born", pid, kind });
  }

  log(pid: Pid, what: unknown): void {
    this.#events.push({ type: "log", pid, what });
  }

  attempt(id: string): number {
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempt);
    return attempt;
  }

  whom(index: number): Pid {
    const all = this.#names.pids;
    const living = all.filter((pid) => this.#isAlive(pid));
    return nth(index % 4 === 0 || living.length === 0 ? all : living, index);
  }

  ref(index: number): Ref | undefined {
    const latest = this.#names.refs.toReversed();
    return latest.length === 0 ? undefined : nth(latest, index);
  }

  any(kind: Kind, index: number): Pid | undefined {
    const all = this.#names.pids.filter((pid) => this.#kinds.get(pid) === kind).toReversed();
    return all.length === 0 ? undefined : nth(all, index);
  }

  kindOf(name: string): Kind | undefined {
    const pid = this.#node.whereis(name);
    return pid === undefined ? undefined : this.#kinds.get(pid);
  }

  async puppet(self: Process): Promise<void> {
    for (;;) {
      const act = await new Promise<Act>((resolve) => this.#pull.set(self.pid, resolve));
      let did: Did | typeof over;
      try {
        did = await act.run(self);
      } catch (error) {
        if (error instanceof LastWord) throw error.error;
        if (error instanceof DeadProcessError) throw error;
        did = { value: caught(error) };
      }
      if (did === over) return;
      this.#events.push({ type: "did", pid: self.pid, did });
    }
  }

  async #step(step: Step): Promise<string> {
    if (step[0] === "advance") {
      await this.#runtime.advance(step[1] * this.unit);
      return this.#finish();
    }
    let free = this.#free();
    while (free.length < 2) {
      this.#enter(
        this.#node.spawn((self: Process) => this.puppet(self)),
        "puppet",
      );
      await this.#runtime.settle();
      free = this.#free();
    }
    const actor = nth(free, step[1]);
    const act = actOf(step, this);
    if (act === undefined) return "-\n";
    this.#busy.set(actor, act);
    this.#pull.get(actor)?.(act);
    return `${this.#names.of(actor)} ${await this.#finish()}`;
  }

  async #finish(): Promise<string> {
    const isWaited = ([pid, { ends }]: [Pid, Act]): boolean =>
      ends && this.#isAlive(pid) && !this.#events.some((event) => event.type === "did" && event.pid === pid);
    await this.#runtime.settle();
    while ([...this.#busy].some(isWaited)) await this.#runtime.advance(1);
    for (const { pid, kind } of this.#events.flatMap((event) => (event.type === "born" ? [event] : []))) {
      if (kind === "supervisor") await this.#children(pid);
    }
    for (const [pid, kind] of this.#kinds) if (kind === "supervisor") await this.#children(pid);
    const events = this.#events;
    this.#events = [];
    const said = events.map((event) => this.#tell(event)).join("");
    const done = events.map((event) => this.#done(event)).toSorted();
    for (const pid of this.#busy.keys()) if (!this.#isAlive(pid)) this.#busy.delete(pid);
    return `${said}${done.join("")}\n${await this.#dump()}`;
  }

  #tell(event: Event): string {
    const names = this.#names;
    switch (event.type) {
      case "born":
        this.#enter(event.pid, event.kind);
        return `+${names.of(event.pid)} `;
      case "log":
        return `${names.of(event.pid)}:${names.text(event.what)} `;
      case "did": {
        const { refs = [] } = event.did;
        this.#busy.delete(event.pid);
        names.refs.push(...refs);
        return "";
      }
    }
  }

  /** What an act has come to, unless whoever did it has ended by it. */
  #done(event: Event): string {
    if (event.type !== "did" || !this.#isAlive(event.pid)) return "";
    return `${this.#names.of(event.pid)}= ${this.#names.text(event.did.value)} `;
  }

  #enter(pid: Pid, kind: Kind): void {
    this.#names.pids.push(pid);
    this.#kinds.set(pid, kind);
  }

  #free(): Pid[] {
    return this.#names.pids.filter(
      (pid) => this.#kinds.get(pid) === "puppet" && this.#isAlive(pid) && !this.#busy.has(pid),
    );
  }

  #isAlive(pid: Pid): boolean {
    return this.#node.isProcessAlive(pid);
  }

  async #dump(): Promise<string> {
    const lines: string[] = [];
    for (const pid of this.#names.pids) {
      const name = this.#names.of(pid);
      const line = await this.#look(pid);
      if (this.#shown.get(name) === line) continue;
      this.#shown.set(name, line);
      lines.push(`  ${name} ${line}\n`);
    }
    return lines.join("");
  }

  async #look(pid: Pid): Promise<string> {
    const names = this.#names;
    const info = this.#node.info(pid);
    if (info === undefined) return "dead";
    const kind = this.#kinds.get(pid);
    const leader = names.of(info.groupLeader);
    return [
      `links${names.sorted(info.links)}`,
      ` monitors${names.sorted(info.monitors.map((object) => names.objectOf(object)))}`,
      ` by${names.sorted(info.monitoredBy)}`,
      typeof info.registeredName === "string" ? ` name ${info.registeredName}` : "",
      info.trapExit ? " traps" : "",
      leader === "?" ? "" : ` leader ${leader}`,
      this.#busy.has(pid) ? " busy" : "",
      // What waits for a server has a form of its own on each side.
      kind === "puppet"
        ? ` box[${info.messages.map((message) => names.text(message)).join("; ")}]`
        : ` box ${String(info.messages.length)}`,
      kind === "supervisor" ? await this.#children(pid) : "",
    ].join("");
  }

  /** The children of a supervisor, once it has time to tell them. */
  async #children(pid: Pid): Promise<string> {
    const told: string[] = [];
    Supervisor.whichChildren(this.#node, pid).then(
      (children) => {
        const all = children.map(({ id, pid: child }) => this.#names.text({ type: String(id), child }));
        told.push(` children[${all.join(" ")}]`);
      },
      () => told.push("gone"),
    );
    await this.#runtime.settle();
    while (told.length === 0) await this.#runtime.advance(1);
    return told.join("");
  }
}

function nth<Item>(all: readonly Item[], index: number): Item {
  const item = all[index % all.length];
  if (item === undefined) throw new Error("there is nobody");
  return item;
}
