/** A process for tests that keeps what it is sent, and expectations about it. */
import type { Node, Pid, Process, Ref } from "@otp/core";
import { Node as Inner, show } from "@otp/core/internal";
import { expect, onTestFinished, vi } from "vitest";

/**
 * Waits until the first holds, or nothing more can come.
 *
 * @see Probe
 */
export type Patience = (isOver: () => boolean) => Promise<void>;

/**
 * How a probe waits, for what has to come and for what must not.
 *
 * @see Probe
 */
export interface ProbePatience {
  readonly forIt: Patience;
  readonly against: Patience;
}

/**
 * A process that keeps its messages; it traps exits, so that links to it are messages as well. In a simulation its
 * expectations are exact: they fail when nothing more can come. Outside, they fail after a time.
 *
 * @example
 * await using node = await testNode();
 * const turns: Patience = async (isOver) => {
 *   for (let turn = 0; turn < 100 && !isOver(); turn += 1) await new Promise(setImmediate);
 * };
 * await using mine = new Probe(node, { forIt: turns, against: turns });
 * node.send<unknown>(mine.pid, "hello");
 * await mine.assertReceive("hello"); // => "hello"
 */
export class Probe implements AsyncDisposable {
  readonly pid: Pid;
  /** What came and was not asserted yet, in order. */
  readonly messages: unknown[] = [];
  readonly #patience: ProbePatience;
  readonly #node: Node;
  #self: Process | null = null;

  constructor(node: Node, patience: Patience | ProbePatience) {
    this.#patience = typeof patience === "function" ? { forIt: patience, against: patience } : patience;
    this.#node = node;
    this.pid = node.spawn(async (self: Process) => {
      self.trapExit = true;
      this.#self = self;
      for (;;) this.messages.push(await self.receive());
    });
  }

  /**
   * The first message that matches `pattern` (values as `expect` matches them, `expect.any(String)` included), which is
   * taken out. Rejects when there is none: in a simulation as soon as nothing more can come.
   */
  async assertReceive(pattern: unknown): Promise<unknown> {
    const at = (): number => this.messages.findIndex((message) => isMatch(message, pattern));
    await this.#patience.forIt(() => at() >= 0);
    const found = at();
    if (found < 0) {
      throw new Error(
        `expected a message like ${show(pattern)}, and nothing more can come. Got: ${show(this.messages)}`,
      );
    }
    return this.messages.splice(found, 1)[0];
  }

  /** Rejects when a message that matches has come or is going to come; outside of simulations, within a short time. */
  async refuteReceive(pattern: unknown): Promise<void> {
    const isThere = (): boolean => this.messages.some((message) => isMatch(message, pattern));
    await this.#patience.against(isThere);
    if (isThere()) throw new Error(`expected no message like ${show(pattern)}. Got: ${show(this.messages)}`);
  }

  /** Monitors a process for `expectDown`. */
  async monitor(pid: Pid<never>): Promise<Ref> {
    return (await this.#ready()).monitor(pid);
  }

  /** Waits for the DOWN of a monitor of the probe, or for the end of a process, whose reason must match. */
  async expectDown(target: Ref | Pid<never>, reason: unknown = expect.anything()): Promise<void> {
    const ref = isPid(target) ? await this.monitor(target) : target;
    await this.assertReceive({ type: "DOWN", ref, reason });
  }

  /** Links the probe to `pid` and waits for its exit signal, whose reason must match. */
  async expectExit(pid: Pid<never>, reason: unknown = expect.anything()): Promise<void> {
    const self = await this.#ready();
    self.link(pid);
    await this.assertReceive({ type: "EXIT", from: Inner.kernelOf(this.#node).localize(pid), reason });
  }

  /** Ends the probe. */
  async stop(): Promise<void> {
    this.#node.sendExit(this.pid, "kill");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ready(): Promise<Process> {
    await this.#patience.forIt(() => this.#self !== null);
    if (this.#self === null)
      throw new Error("the probe has not begun to run; its node has been stopped, or stands still");
    return this.#self;
  }
}

/**
 * How long a probe outside of simulations waits, in ms of real time.
 *
 * @see probe
 */
export interface ProbeOptions {
  /** For what has to come. Default 10,000: it is only waited for that long when the test fails. */
  readonly withinMs?: number;
  /** For what must not come: this is always waited for. Default 100. */
  readonly quietMs?: number;
}

/**
 * Starts a probe on a running node, for tests without a simulation; in one, use `sim.probe(node)`. It is ended with the test
 * that it was made in, or by `await using`.
 *
 * @example
 * import { Node } from "@otp/core";
 *
 * await using node = await Node.start();
 * await using client = probe(node, { quietMs: 10 });
 * node.send<unknown>(client.pid, { type: "hello", to: "you" });
 * await client.assertReceive({ type: "hello" }); // => { type: "hello", to: "you" }
 * await client.refuteReceive({ type: "hello" });
 */
export function probe(node: Node, { withinMs = 10_000, quietMs = 100 }: ProbeOptions = {}): Probe {
  const made = new Probe(node, { forIt: within(withinMs), against: within(quietMs) });
  atTestEnd(() => made.stop());
  return made;
}

/** Waits until something holds, no longer than that. */
function within(timeout: number): Patience {
  return async (isOver) => {
    const look = (): void => {
      if (!isOver()) throw new Error("not yet");
    };
    await vi.waitFor(look, { timeout, interval: 2 }).catch(() => undefined);
  };
}

/** Does `clean` when the test that is running is over; nothing where none is, as in an example. */
export function atTestEnd(clean: () => Promise<void>): void {
  if (expect.getState().currentTestName === undefined) return;
  onTestFinished(clean);
}

function isPid(target: Ref | Pid<never>): target is Pid<never> {
  return "resident" in target;
}

function isMatch(message: unknown, pattern: unknown): boolean {
  try {
    if (typeof pattern === "object" && pattern !== null && typeof message === "object" && message !== null) {
      expect(message).toMatchObject(pattern);
    } else expect(message).toEqual(pattern);
    return true;
  } catch {
    return false;
  }
}
