/** A process for tests that keeps what it is sent, and exact expectations about it. */
import type { Node, Pid, Process } from "@otp/core";
import { Node as Inner, show } from "@otp/core/internal";
import { expect } from "vitest";

/** Waits until the first holds, or nothing more can come. */
export type Patience = (isOver: () => boolean) => Promise<void>;

/** A process that keeps its messages; it traps exits, so that links to it are messages as well. */
export class Probe {
  readonly pid: Pid;
  /** What came and was not asserted yet, in order. */
  readonly messages: unknown[] = [];
  readonly #patience: Patience;
  readonly #node: Node;
  #self: Process | null = null;

  constructor(node: Node, patience: Patience) {
    this.#patience = patience;
    this.#node = node;
    this.pid = node.spawn(async (self: Process) => {
      self.trapExit = true;
      this.#self = self;
      for (;;) this.messages.push(await self.receive());
    });
  }

  /**
   * The first message that matches `pattern` (values as `expect` matches them, `expect.any(String)` included), which is
   * taken out. Fails when nothing more can come, not after a time.
   */
  async assertReceive(pattern: unknown): Promise<unknown> {
    const at = (): number => this.messages.findIndex((message) => isMatch(message, pattern));
    await this.#patience(() => at() >= 0);
    const found = at();
    if (found < 0) {
      throw new Error(
        `expected a message like ${show(pattern)}, and nothing more can come. Got: ${show(this.messages)}`,
      );
    }
    return this.messages.splice(found, 1)[0];
  }

  /** Fails when a message that matches has come or is going to come. */
  async refuteReceive(pattern: unknown): Promise<void> {
    const isThere = (): boolean => this.messages.some((message) => isMatch(message, pattern));
    await this.#patience(isThere);
    if (isThere()) throw new Error(`expected no message like ${show(pattern)}. Got: ${show(this.messages)}`);
  }

  /** Waits for the end of `pid`, whose reason must match. */
  async expectDown(pid: Pid<never>, reason: unknown = expect.anything()): Promise<void> {
    await this.#patience(() => this.#self !== null);
    const ref = this.#self?.monitor(pid);
    await this.assertReceive({ type: "DOWN", ref, reason });
  }

  /** Links the probe to `pid` and waits for its exit signal, whose reason must match. */
  async expectExit(pid: Pid<never>, reason: unknown = expect.anything()): Promise<void> {
    await this.#patience(() => this.#self !== null);
    this.#self?.link(pid);
    await this.assertReceive({ type: "EXIT", from: Inner.kernelOf(this.#node).localize(pid), reason });
  }
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
