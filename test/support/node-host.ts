/** Nodes in a process of their own, commanded from the test. */
import { type Process, type RemoteFunction } from "@otp/core";
import { remoteTerm } from "@otp/core/internal";
import type { NatsOptions } from "@otp/transport-nats";

import { type Command, isOutcomeOf, type LogLine, type PlainOptions } from "./commands.ts";
import { osNode, type OsNode, type OsNodeOptions } from "./os-node.ts";

const program = new URL("../fixtures/host.ts", import.meta.url);

/** How a node is started. */
export interface HostedStart {
  readonly options: PlainOptions;
  readonly medium: NatsOptions;
}

/** A program that hosts nodes, started and ready. */
export async function startHost(options: Pick<OsNodeOptions, "execPath"> = {}): Promise<NodeHost> {
  const host = new NodeHost(osNode(program, { patienceMs: 180_000, ...options }));
  await host.os.message((message): message is "ready" => message === "ready");
  return host;
}

export type { HostedNode, NodeHost };

type Order = Command extends infer Each ? (Each extends Command ? Omit<Each, "id"> : never) : never;

class NodeHost implements AsyncDisposable {
  readonly os: OsNode;
  #commands = 0;

  constructor(os: OsNode) {
    this.os = os;
  }

  /** Starts a node there. */
  async start(name: string, { options, medium }: HostedStart): Promise<HostedNode> {
    await this.command({ do: "start", node: name, options, medium });
    return new HostedNode(this, name);
  }

  /** Ends the program as a crash would, with all its nodes. */
  kill(): Promise<void> {
    return this.os.kill();
  }

  async command(order: Order): Promise<unknown> {
    this.#commands += 1;
    const id = this.#commands;
    this.os.send({ ...order, id });
    const { error, value } = await this.os.message(isOutcomeOf(id));
    if (error !== undefined) throw new Error(error);
    return value;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

class HostedNode {
  readonly name: string;
  readonly host: NodeHost;

  constructor(host: NodeHost, name: string) {
    this.host = host;
    this.name = name;
  }

  async ask<Args extends readonly unknown[], Result>(
    fn: RemoteFunction<(self: Process, ...args: Args) => Result | Promise<Result>>,
    ...args: Args
  ): Promise<Result> {
    const value = await this.host.command({ do: "ask", node: this.name, fn: fn[remoteTerm].name, args });
    return value as Result;
  }

  async logs(): Promise<readonly LogLine[]> {
    return (await this.host.command({ do: "logs", node: this.name })) as readonly LogLine[];
  }

  async stop(): Promise<void> {
    await this.host.command({ do: "stop", node: this.name });
  }
}
