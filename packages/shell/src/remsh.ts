/** `otp --remsh NODE`: a prompt here, and the session that it stands for on another node. */
import { userInfo } from "node:os";

import { formatReason, type Node, type OtpError, type Pid, type Process, TransportError } from "@otp/core";

import type { Completed } from "./complete.ts";
import type { Evaluated, Interpreter } from "./interpreter.ts";
import { type Access, type HostMessage, readHost, type VisitorMessage, type VisitOrder } from "./remote-messages.ts";
import { visit } from "./visit.ts";

/** What a visitor wants. */
export interface RemshOptions {
  readonly node: Node;
  readonly target: string;
  readonly access: Access;
  readonly colors: boolean;
  /** Told when the evaluator there has ended and another has taken its place. */
  readonly onRestart: (text: string) => void;
  /** Told when the session there has ended. */
  readonly onEnd: (error: Error) => void;
}

/** The session on the other node, as the prompt sees it. */
export class Remsh implements Interpreter {
  readonly #options: RemshOptions;
  readonly #self: Process;
  readonly #evaluations = new Map<number, (outcome: Evaluated) => void>();
  readonly #completions = new Map<number, (found: Completed) => void>();
  #host: Pid | undefined;
  #prompt = "";
  #count = 0;
  #isLeft = false;

  private constructor(options: RemshOptions, self: Process) {
    this.#options = options;
    this.#self = self;
  }

  /** Attaches to the target. @throws TransportError with a line that says why not. */
  static attach(options: RemshOptions): Promise<Remsh> {
    return new Promise((resolve, reject) => {
      options.node.spawn(async (self: Process) => {
        self.trapExit = true;
        self.label = `shell of ${options.target}`;
        const remsh = new Remsh(options, self);
        remsh.#host = self.spawnLink({ node: options.target }, visit, orderOf(options, self));
        for (;;) {
          // One after the other, as they come.
          const message = await self.receive();
          const reason = exitReason(message, remsh.#host);
          const fault = reason === undefined ? remsh.#take(readHost(message)) : endOf(options.target, reason.value);
          if (fault !== undefined) {
            remsh.#end(fault);
            reject(fault);
            return;
          }
          if (remsh.#prompt !== "") resolve(remsh);
        }
      });
    });
  }

  prompt(head = "otp"): string {
    return head === "otp" ? this.#prompt : this.#prompt.replace(/^\w+/u, head);
  }

  evaluate(text: string): Promise<Evaluated> {
    return new Promise((resolve) => {
      const id = this.#next();
      this.#evaluations.set(id, resolve);
      if (!this.#self.signal.aborted) this.#tell({ type: "shell_evaluate", id, text });
      else this.#settle(id, { kind: "nothing" });
    });
  }

  interrupt(): void {
    this.#tell({ type: "shell_interrupt" });
  }

  calm(): void {
    // What finds nothing to interrupt there is over at once.
  }

  complete(line: string): Promise<Completed> {
    return new Promise((resolve) => {
      const id = this.#next();
      this.#completions.set(id, resolve);
      this.#tell({ type: "shell_complete", id, line });
    });
  }

  /** Leaves: the session there ends, and what it runs. */
  leave(): void {
    this.#isLeft = true;
    this.#options.node.sendExit(this.#self.pid, "kill");
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }

  #tell(message: VisitorMessage): void {
    if (this.#host !== undefined && !this.#self.signal.aborted) this.#self.send(this.#host, message);
  }

  #take(message: HostMessage | undefined): Error | undefined {
    if (message === undefined) return undefined;
    if ("prompt" in message) this.#prompt = message.prompt;
    switch (message.type) {
      case "shell_opened":
        return undefined;
      case "shell_refused":
        return new TransportError(message.text);
      case "shell_restarted":
        this.#options.onRestart(message.text);
        return undefined;
      case "shell_result":
        this.#settle(message.id, message.outcome);
        return undefined;
      case "shell_completed":
        this.#completions.get(message.id)?.(message.found);
        this.#completions.delete(message.id);
        return undefined;
    }
  }

  #settle(id: number, outcome: Evaluated): void {
    this.#evaluations.get(id)?.(outcome);
    this.#evaluations.delete(id);
  }

  #end(fault: Error): void {
    for (const id of this.#evaluations.keys()) this.#settle(id, { kind: "nothing" });
    if (!this.#isLeft) this.#options.onEnd(fault);
  }
}

function orderOf({ access, colors }: RemshOptions, self: Process): VisitOrder {
  return { client: self.pid, access, colors, user: userName() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // Some containers have users without a name.
    return "somebody";
  }
}

function exitReason(message: unknown, host: Pid | undefined): { readonly value: unknown } | undefined {
  if (typeof message !== "object" || message === null || !("type" in message) || message.type !== "EXIT")
    return undefined;
  return "from" in message && message.from === host && "reason" in message ? { value: message.reason } : undefined;
}

function endOf(target: string, reason: unknown): OtpError {
  if (reason === "noconnection")
    return new TransportError(`no connection to ${target}: does it run, with the same cookie?`);
  if (reason === "notsup" || reason instanceof Error) {
    return new TransportError(
      `node ${target} accepts no shells: its program has to call acceptShells of @otp/shell/accept`,
      { cause: reason },
    );
  }
  return new TransportError(`the shell on ${target} has ended: ${formatReason(reason)}`);
}
