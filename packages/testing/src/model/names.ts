/** Model-based commands for names, of one node or of a whole cluster: a map from names to processes, held against the real thing. */
import type { Node, Pid, Process } from "@otp/core";
import fc from "fast-check";

import type { SequentialModel } from "./linearizable.ts";
import { agree, Step } from "./step.ts";

/**
 * Names to be held against the model.
 *
 * @see nameCommands
 */
export interface NamesUnderTest {
  /** A new process, which waits. */
  readonly spawn: () => Promise<Pid>;
  /** Ends a process, and returns when everybody knows. */
  readonly end: (pid: Pid) => Promise<void>;
  /** Gives a name; false when it is taken, or the process has one. */
  readonly register: (name: string, pid: Pid) => Promise<boolean>;
  readonly unregister: (name: string) => Promise<void>;
  /** Who has the name, as everybody sees it who may look. */
  readonly find: (name: string) => Promise<readonly (Pid | undefined)[]>;
}

/**
 * Who has which name, by the number of the process.
 *
 * @see nameCommands
 */
export interface NamesModel {
  readonly owners: Map<string, Pid>;
  readonly alive: Pid[];
}

/**
 * What names are like.
 *
 * @see nameCommands
 */
export interface NamesOptions {
  /** The names to try. Default three. */
  readonly names?: readonly string[];
  /** Whether a process has at most one name, as local and global names have it (NAME-1, GLOBAL-3). Default true. */
  readonly oneEach?: boolean;
}

type NamesStep = Step<NamesModel, NamesUnderTest>;

/**
 * Commands that spawn and end processes, give and free names and look them up; after each, everybody must find for each name
 * whom the model has (K7, NAME-1 … NAME-5, GLOBAL-2, GLOBAL-4).
 *
 * @example
 * import { Node } from "@otp/core";
 * import fc from "fast-check";
 *
 * await using node = await Node.start();
 * await fc.assert(
 *   fc.asyncProperty(nameCommands(), async (commands) => {
 *     await fc.asyncModelRun(() => ({ model: { owners: new Map(), alive: [] }, real: localNames(node) }), commands);
 *   }),
 *   { numRuns: 1 },
 * );
 */
export function nameCommands({ names = ["ann", "bob", "cid"], oneEach = true }: NamesOptions = {}): fc.Arbitrary<
  Iterable<fc.AsyncCommand<NamesModel, NamesUnderTest>>
> {
  const name = fc.constantFrom(...names);
  const who = fc.nat(5);
  return fc.commands(
    [
      fc.constant(step("spawn()", names, async (model, real) => void model.alive.push(await real.spawn()))),
      fc.tuple(name, who).map(([one, at]) => registering(one, at, { names, oneEach })),
      fc.tuple(name, who).map(([one, at]) => registering(one, at, { names, oneEach })),
      name.map((one) =>
        step(`unregister(${one})`, names, async (model, real) => {
          if (!model.owners.delete(one)) return;
          await real.unregister(one);
        }),
      ),
      who.map((at) => ending(at, names)),
    ],
    { size: "+1" },
  );
}

function registering(name: string, at: number, { names, oneEach }: Required<NamesOptions>): NamesStep {
  return step(`register(${name}, ${String(at)})`, names, async (model, real) => {
    const pid = pick(model, at);
    if (pid === undefined) return;
    const isFree = !model.owners.has(name) && !(oneEach && [...model.owners.values()].includes(pid));
    agree(`register(${name}, ${String(pid)})`, await real.register(name, pid), isFree);
    if (isFree) model.owners.set(name, pid);
  });
}

function ending(at: number, names: readonly string[]): NamesStep {
  return step(`end(${String(at)})`, names, async (model, real) => {
    const pid = pick(model, at);
    if (pid === undefined) return;
    model.alive.splice(model.alive.indexOf(pid), 1);
    for (const [name, owner] of model.owners) if (owner === pid) model.owners.delete(name);
    await real.end(pid);
  });
}

function step(
  name: string,
  names: readonly string[],
  act: (model: NamesModel, real: NamesUnderTest) => Promise<void>,
): NamesStep {
  return new Step(name, async (model, real) => {
    await act(model, real);
    for (const one of names) {
      for (const found of await real.find(one)) agree(`whoever looks for ${one}`, found, model.owners.get(one));
    }
  });
}

function pick({ alive }: NamesModel, at: number): Pid | undefined {
  return alive[at % Math.max(1, alive.length)];
}

/**
 * The local names of a node.
 *
 * @see nameCommands
 */
export function localNames(node: Node): NamesUnderTest {
  return {
    spawn: async () => node.spawn(sleeper),
    end: (pid) => endOf(node, pid),
    register: async (name, pid) => {
      try {
        return node.register(name, pid);
      } catch {
        return false;
      }
    },
    unregister: async (name) => void node.unregister(name),
    find: async (name) => [node.whereis(name)],
  };
}

/**
 * The global names of connected nodes. Processes are spawned on all of them in turn, names are given and freed by all of them
 * in turn, and every node is asked who has one.
 *
 * ```ts continues
 * await using cluster = await testCluster(["a", "b"], { leaks: "ignore" });
 * const names = globalNames(cluster.nodes);
 * const owner = await names.spawn();
 * await names.register("boss", owner); // => true
 * (await names.find("boss")).every((found) => found === owner); // => true
 * ```
 */
export function globalNames(nodes: readonly Node[]): NamesUnderTest {
  let turn = 0;
  const homes = new Map<Pid, Node>();
  const next = (): Node => {
    turn += 1;
    const node = nodes[turn % nodes.length];
    if (node === undefined) throw new Error("expected at least one node");
    return node;
  };
  const settle = async (): Promise<void> => {
    for (const node of nodes) await node.global.sync();
  };
  return {
    async spawn() {
      const node = next();
      const pid = node.spawn(sleeper);
      homes.set(pid, node);
      return pid;
    },
    async end(pid) {
      await endOf(homes.get(pid) ?? next(), pid);
      await settle();
    },
    async register(name, pid) {
      // A pid is known under the same identity on its own node only.
      const answer = await (homes.get(pid) ?? next()).global.registerName(name, pid);
      await settle();
      return answer === "yes";
    },
    async unregister(name) {
      await next().global.unregisterName(name);
      await settle();
    },
    async find(name) {
      const seen = nodes.map((node) => node.global.whereisName(name));
      return seen.map((pid) =>
        pid === undefined ? undefined : ([...homes.keys()].find((one) => isSame(one, pid)) ?? pid),
      );
    },
  };
}

function isSame(one: Pid, other: Pid): boolean {
  return one.node === other.node && one.number === other.number;
}

async function sleeper(self: Process): Promise<void> {
  await self.sleep("infinity");
}

/** Kills a process and returns when its end has been told. */
function endOf(node: Node, pid: Pid): Promise<void> {
  return new Promise((resolve) => {
    node.spawn(async (self) => {
      const ref = self.monitor(pid);
      self.sendExit(pid, "kill");
      await self.receive({ type: "DOWN", ref });
      resolve();
    });
  });
}

/**
 * What is asked of names by several clients at the same time; `who` is any word for a process.
 *
 * @see namesModel
 */
export type NameRequest =
  | { readonly op: "register"; readonly name: string; readonly who: string }
  | { readonly op: "unregister"; readonly name: string }
  | { readonly op: "find"; readonly name: string };

/**
 * Names as a sequential model for `linearizable`, each on its own: `register` gives true or false, `find` who has the name or
 * null, `unregister` true.
 *
 * @example
 * const history = new History<NameRequest, boolean | string | null>();
 * await history.run(0, { op: "register", name: "n", who: "ann" }, async () => true);
 * await history.run(1, { op: "find", name: "n" }, async () => "bob");
 * linearizable(namesModel(), history.operations).verdict; // => "not linearizable"
 */
export function namesModel(): SequentialModel<string | null, NameRequest, boolean | string | null> {
  return {
    init: () => null,
    partition: ({ name }) => name,
    key: String,
    step(owner, request, output) {
      switch (request.op) {
        case "find":
          return output === undefined || output === owner ? owner : undefined;
        case "unregister":
          return null;
        case "register": {
          const isFree = owner === null;
          if (output !== undefined && output !== isFree) return undefined;
          return isFree ? request.who : owner;
        }
      }
    },
  };
}
