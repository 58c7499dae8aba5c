/** Arbitrary supervision trees, as plain data that can be printed, shrunk and started. */
import type { Node, Pid, Process } from "@otp/core";
import { type ChildSpec, type Restart, type Strategy, Supervisor, type SupervisorPid } from "@otp/genserver";
import fc from "fast-check";

/**
 * A process at the end of a branch: it waits, and does what it is told: end well, or with `oops`.
 *
 * @see supervisionTrees
 */
export interface LeafSpec {
  readonly id: string;
  readonly restart: Restart;
  /** How long it may take to end, in ms. */
  readonly shutdown: number | "brutal_kill";
}

/**
 * A supervisor with what is below it.
 *
 * @see supervisionTrees
 */
export interface TreeSpec {
  readonly id: string;
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly children: readonly (LeafSpec | TreeSpec)[];
}

/**
 * How large trees are.
 *
 * @see supervisionTrees
 */
export interface TreeOptions {
  /** How many supervisors may stand above each other. Default 3. */
  readonly depth?: number;
  /** How many children a supervisor has at most. Default 4. */
  readonly width?: number;
}

/**
 * Supervision trees; they shrink to smaller ones.
 *
 * @example
 * import fc from "fast-check";
 * import { Node } from "@otp/core";
 * import { Supervisor } from "@otp/genserver";
 *
 * await using node = await Node.start();
 * for (const spec of fc.sample(supervisionTrees({ depth: 2 }), 1)) {
 *   const root = await startTree(node, spec);
 *   (await Supervisor.countChildren(node, root)).specs === spec.children.length; // => true
 * }
 */
export function supervisionTrees({ depth = 3, width = 4 }: TreeOptions = {}): fc.Arbitrary<TreeSpec> {
  const leaf = fc.record({
    restart: fc.constantFrom<Restart>("permanent", "transient", "temporary"),
    shutdown: fc.constantFrom<number | "brutal_kill">(1_000, 5_000, "brutal_kill"),
  });
  const tree = (level: number): fc.Arbitrary<TreeSpec> => {
    const below: fc.Arbitrary<Omit<LeafSpec, "id"> | Omit<TreeSpec, "id">> =
      level <= 1 ? leaf : fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: tree(level - 1) });
    return fc
      .record({
        strategy: fc.constantFrom<Strategy>("one_for_one", "one_for_all", "rest_for_one"),
        maxRestarts: fc.constantFrom(0, 1, 3, 100),
        children: fc.array(below, { maxLength: width }),
      })
      .map(({ strategy, maxRestarts, children }) => ({
        id: "root",
        strategy,
        maxRestarts,
        // Siblings are told apart by their place.
        children: children.map((child, place) => Object.assign({}, child, { id: `c${String(place)}` })),
      }));
  };
  return tree(depth);
}

/**
 * Starts a tree and resolves to its root. The leaves wait for `"normal"` or any other word, and end with it.
 *
 * @see supervisionTrees
 */
export function startTree(node: Node, { strategy, maxRestarts, children }: TreeSpec): Promise<SupervisorPid> {
  return Supervisor.start(node, children.map(specOf), { strategy, maxRestarts });
}

function specOf(spec: LeafSpec | TreeSpec): ChildSpec {
  if ("children" in spec) {
    const { id, strategy, maxRestarts, children } = spec;
    return {
      id,
      type: "supervisor",
      start: (parent: Process) => Supervisor.startLink(parent, children.map(specOf), { strategy, maxRestarts }),
    };
  }
  const { id, restart, shutdown } = spec;
  return { id, restart, shutdown, start: async (parent: Process): Promise<Pid> => parent.spawnLink(leaf) };
}

async function leaf(self: Process): Promise<void> {
  const word = await self.receive();
  if (word !== "normal") self.exit(word);
}
