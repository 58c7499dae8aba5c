/** Nodes that live as long as a test, and leave nothing behind. */
import { memoryHub, Node, type NodeOptions } from "@otp/core";

import { atTestEnd } from "./probe.ts";

/**
 * Whether a test may leave something behind.
 *
 * @see testCluster
 */
export interface LeakOptions {
  /** `"ignore"`: processes, names and the like that are left at the end of the test are not its fault. Default `"fail"`. */
  readonly leaks?: "fail" | "ignore";
}

/**
 * What a node holds, to be compared later.
 *
 * @see holdingsOf
 */
export interface Holdings {
  readonly processes: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/**
 * What a node holds now, for `leaksOf`.
 *
 * @example
 * import { Node } from "@otp/core";
 *
 * await using node = await Node.start();
 * const before = holdingsOf(node);
 * const pid = node.spawn(async (self) => { await self.receive(); });
 * leaksOf(node, before).length; // => 1
 * node.sendExit(pid, "kill");
 * leaksOf(node, before); // => []
 */
export function holdingsOf(node: Node): Holdings {
  return {
    processes: new Set(node.processes().map(String)),
    names: new Set(node.registered().map(String)),
  };
}

/**
 * What a node holds beyond that, and what is wrong in its tables, in words.
 *
 * @see holdingsOf
 */
export function leaksOf(node: Node, before: Holdings): readonly string[] {
  const processes = node.processes().filter((pid) => !before.processes.has(String(pid)));
  return [
    ...processes.map((pid) => `process ${pid} (${node.info(pid)?.initialCall ?? "a function"}) is left`),
    ...node
      .registered()
      .map(String)
      .filter((name) => !before.names.has(name))
      .map((name) => `the name ${name} is left`),
    ...node.check().map(({ invariant, detail }) => `${invariant}: ${detail}`),
  ];
}

/**
 * Starts a node that is stopped when the test ends. What the test has started by then and not stopped is a leak, and fails it;
 * what `startSupervised` and `probe` have started is stopped before.
 *
 * @example
 * await using node = await testNode();
 * node.isProcessAlive(node.spawn(async (self) => { await self.receive(); })); // => true
 */
export async function testNode({ leaks = "fail", ...options }: NodeOptions & LeakOptions = {}): Promise<Node> {
  const node = await Node.start(options);
  const before = holdingsOf(node);
  atTestEnd(async () => {
    const left = leaks === "ignore" ? [] : leaksOf(node, before);
    await node.stop();
    if (left.length > 0) throw new Error(`the test left something behind on ${node.name}: ${left.join("; ")}`);
  });
  return node;
}

/**
 * Connected nodes in this program, which end together.
 *
 * @see testCluster
 */
export class TestCluster implements AsyncDisposable {
  readonly nodes: readonly Node[];

  constructor(nodes: readonly Node[]) {
    this.nodes = nodes;
  }

  /** The node of that name, with or without its host. */
  node(name: string): Node {
    const found = this.nodes.find((node) => node.name === name || node.name.split("@")[0] === name);
    if (found === undefined) throw new Error(`there is no node ${name} in this cluster`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes.toReversed()) await node.stop();
  }
}

/**
 * Starts nodes of those names in this program and connects them with each other; they are stopped when the test ends, and
 * leaks fail it, as those of `testNode` do.
 *
 * @example
 * await using cluster = await testCluster(["a", "b"], { leaks: "ignore" });
 * cluster.node("a").list(); // => ["b@test"]
 */
export async function testCluster(
  names: readonly string[],
  options: NodeOptions & LeakOptions = {},
): Promise<TestCluster> {
  const hub = memoryHub();
  const nodes: Node[] = [];
  for (const name of names) {
    nodes.push(await testNode({ cookie: "test", ...options, name: `${name}@test`, transport: hub.transport() }));
  }
  for (const node of nodes) for (const other of nodes) if (other !== node) await node.connect(other.name);
  for (const node of nodes) await node.global.sync();
  return new TestCluster(nodes);
}
