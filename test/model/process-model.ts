/**
 * What processes are, told as naively as possible: arrays, no cleverness, everything at once.
 *
 * Terms are their texts, so that two worlds can be compared. Of the order of messages the model promises no more than
 * signals do: that of each sender (SIG-2); whoever plays both worlds tells it the order that came about.
 */

/** A message as text, with the process or timer that it came from. */
export interface Delivery {
  readonly from: string;
  readonly text: string;
}

export type AliasMode = "explicit" | "reply" | "demonitor" | "replyDemonitor";

interface ModelMonitor {
  readonly ref: string;
  readonly target: ModelProcess;
  readonly object: string;
}

/** One process. */
export class ModelProcess {
  readonly pid: string;
  isAlive = true;
  isTrapping = false;
  name: string | undefined;
  mailbox: Delivery[] = [];
  links: ModelProcess[] = [];
  monitors: ModelMonitor[] = [];

  constructor(pid: string) {
    this.pid = pid;
  }
}

/** What an act of a process does to it: nothing, or an error that nobody catches. */
export type Uncaught = string | undefined;

/** The processes of one node. */
export class ProcessModel {
  readonly processes: ModelProcess[] = [];
  readonly #aliases = new Map<string, { readonly owner: ModelProcess; readonly mode: AliasMode }>();
  #timers: { readonly ref: string; readonly to: ModelProcess | string; readonly text: string; readonly due: number }[] =
    [];
  now = 0;

  add(pid: string): ModelProcess {
    const process = new ModelProcess(pid);
    this.processes.push(process);
    return process;
  }

  living(): ModelProcess[] {
    return this.processes.filter(({ isAlive }) => isAlive);
  }

  named(name: string): ModelProcess | undefined {
    return this.living().find((process) => process.name === name);
  }

  watchers(process: ModelProcess): string[] {
    return this.living().flatMap(({ pid, monitors }) =>
      monitors.filter(({ target }) => target === process).map(() => pid),
    );
  }

  send(from: string, to: ModelProcess, text: string): void {
    if (to.isAlive) to.mailbox.push({ from, text });
  }

  link(a: ModelProcess, b: ModelProcess): Uncaught {
    if (a === b) return undefined;
    if (b.isAlive) {
      if (!a.links.includes(b)) a.links.push(b);
      if (!b.links.includes(a)) b.links.push(a);
    } else if (a.isTrapping) this.send(b.pid, a, `EXIT ${b.pid} noproc`);
    else return "noproc";
    return undefined;
  }

  unlink(a: ModelProcess, b: ModelProcess): void {
    a.links = a.links.filter((other) => other !== b);
    b.links = b.links.filter((other) => other !== a);
  }

  monitor(
    watcher: ModelProcess,
    ref: string,
    target: ModelProcess | undefined,
    object: string,
    mode?: AliasMode,
  ): void {
    if (target === watcher) return;
    if (mode !== undefined && target?.isAlive === true) this.#aliases.set(ref, { owner: watcher, mode });
    if (mode === "explicit") this.#aliases.set(ref, { owner: watcher, mode });
    if (target?.isAlive === true) watcher.monitors.push({ ref, target, object });
    else this.send(target?.pid ?? object, watcher, `DOWN ${ref} ${object} noproc`);
  }

  /** Whether there was something to remove. */
  demonitor(watcher: ModelProcess, ref: string, isFlushing: boolean): boolean {
    const isThere = watcher.monitors.some((monitor) => monitor.ref === ref);
    watcher.monitors = watcher.monitors.filter((monitor) => monitor.ref !== ref);
    const alias = this.#aliases.get(ref);
    if (isThere && (alias?.mode === "demonitor" || alias?.mode === "replyDemonitor")) this.#aliases.delete(ref);
    if (isFlushing) watcher.mailbox = watcher.mailbox.filter(({ text }) => !text.startsWith(`DOWN ${ref} `));
    return isThere;
  }

  alias(owner: ModelProcess, ref: string, mode: AliasMode): void {
    this.#aliases.set(ref, { owner, mode });
  }

  unalias(owner: ModelProcess, ref: string): boolean {
    return this.#aliases.get(ref)?.owner === owner && this.#aliases.delete(ref);
  }

  sendToAlias(from: string, ref: string, text: string): void {
    const alias = this.#aliases.get(ref);
    if (alias === undefined) return;
    this.send(from, alias.owner, text);
    if (alias.mode === "reply" || alias.mode === "replyDemonitor") this.#aliases.delete(ref);
    if (alias.mode === "replyDemonitor") {
      alias.owner.monitors = alias.owner.monitors.filter((monitor) => monitor.ref !== ref);
    }
  }

  register(name: string, process: ModelProcess): Uncaught {
    if (!process.isAlive || process.name !== undefined || this.named(name) !== undefined) return "ArgumentError";
    process.name = name;
    return undefined;
  }

  unregister(name: string): Uncaught {
    const owner = this.named(name);
    if (owner === undefined) return "ArgumentError";
    owner.name = undefined;
    return undefined;
  }

  startTimer(ref: string, to: ModelProcess | string, text: string, ms: number): void {
    if (typeof to === "string" || to.isAlive) this.#timers.push({ ref, to, text, due: this.now + ms });
  }

  /** The time that was left, false for a timer that is not running. */
  cancelTimer(ref: string): number | false {
    const timer = this.#timers.find((one) => one.ref === ref);
    this.#timers = this.#timers.filter((one) => one !== timer);
    return timer === undefined ? false : timer.due - this.now;
  }

  advance(ms: number): void {
    this.now += ms;
    const due = this.#timers.filter((timer) => timer.due <= this.now).toSorted((a, b) => a.due - b.due);
    this.#timers = this.#timers.filter((timer) => timer.due > this.now);
    for (const { ref, to, text } of due) {
      const target = typeof to === "string" ? this.named(to) : to;
      if (target !== undefined) this.send(`timer ${ref}`, target, text);
    }
  }

  /** An exit signal sent as such, or by the end of a linked process. */
  exit(from: ModelProcess, to: ModelProcess, reason: string, isLink: boolean): void {
    if (!to.isAlive) return;
    if (reason === "kill" && !isLink) this.end(to, "killed");
    else if (to.isTrapping) this.send(from.pid, to, `EXIT ${from.pid} ${reason}`);
    else if (reason !== "normal" || from === to) this.end(to, reason);
  }

  end(process: ModelProcess, reason: string): void {
    if (!process.isAlive) return;
    process.isAlive = false;
    process.name = undefined;
    for (const [ref, { owner }] of this.#aliases) if (owner === process) this.#aliases.delete(ref);
    this.#timers = this.#timers.filter(({ to }) => to !== process);
    for (const watcher of this.living()) {
      for (const { ref, object } of watcher.monitors.filter(({ target }) => target === process)) {
        this.demonitor(watcher, ref, false);
        this.send(process.pid, watcher, `DOWN ${ref} ${object} ${reason}`);
      }
    }
    const links = [...process.links];
    for (const other of links) this.unlink(process, other);
    for (const other of links) this.exit(process, other, reason, true);
  }
}
