/**
 * Several nodes in this process, for one test: over memory, or over a NATS server when `OTP_TEST_TRANSPORT` is `nats`, where the
 * same must hold (TR-9).
 */
import { memoryHub, Node, type NodeOptions, type Process } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { onTestFinished } from "vitest";

import type { LogLine } from "./os-peers.ts";

/** A node of the test, with what it has logged. */
interface TestNode {
  readonly node: Node;
  readonly logs: readonly LogLine[];
}

/** One cluster; everything ends with the test. */
export interface Cluster {
  /** Starts a node that is not connected to any other. */
  start(name: string, options?: NodeOptions): Promise<TestNode>;
  /** Starts nodes and connects them all with each other. */
  mesh(...names: readonly string[]): Promise<Node[]>;
}

/** An empty cluster. */
export async function cluster(): Promise<Cluster> {
  const transport = await medium();
  const start = async (name: string, options?: NodeOptions): Promise<TestNode> => {
    const logs: LogLine[] = [];
    const logger = pino({ level: "debug" }, { write: (line: string) => void logs.push(JSON.parse(line)) });
    const stretch = { N: 2, r: 1, p: 1 };
    const node = await Node.start({ name, cookie: "test cookie", transport: transport(), logger, stretch, ...options });
    onTestFinished(() => node.stop());
    return { node, logs };
  };
  return {
    start,
    async mesh(...names) {
      const nodes = await Promise.all(names.map(async (name) => (await start(name)).node));
      await connectAll(nodes);
      return nodes;
    },
  };
}

// One for all tests of a file; it ends with the process that the file has to itself.
let server: ReturnType<typeof startLocalServer> | undefined;
let clusters = 0;

/** What connects the nodes of one test. */
export async function medium(): Promise<() => NonNullable<NodeOptions["transport"]>> {
  if (process.env["OTP_TEST_TRANSPORT"] !== "nats") {
    const hub = memoryHub();
    return () => hub.transport();
  }
  server ??= startLocalServer();
  const { url } = await server;
  clusters += 1;
  const name = `test_${String(clusters)}`;
  return () => nats({ servers: url, cluster: name });
}

/** Two connected nodes, `one@host` and `two@host`. */
export async function pair(): Promise<readonly [Node, Node]> {
  const [one, two] = await (await cluster()).mesh("one@host", "two@host");
  if (one === undefined || two === undefined) throw new Error("no node");
  return [one, two];
}

/** Connects all with each other and waits until they share their names. */
export async function connectAll(nodes: readonly Node[]): Promise<void> {
  for (const node of nodes) for (const other of nodes) await node.connect(other.name);
  await until(() => nodes.every((node) => node.list().length === nodes.length - 1));
  for (const node of nodes) await node.global.sync();
}

/** Runs `work` as a process of `node`; resolves with its result. */
export function inProcess<Result>(node: Node, work: (self: Process) => Result | Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self: Process) => {
      try {
        resolve(await work(self));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** A process that waits until it is killed. */
export const sleeper = async (self: Process): Promise<void> => {
  await self.sleep("infinity");
};

/** Waits until `condition` holds; the test's own time limit is the only one. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
