/** Model-based commands for supervisors: an ordered list of children and what each strategy does with it. */
import type { Node, Pid } from "@otp/core";
import { type ChildSpec, type Restart, type Strategy, Supervisor, type SupervisorPid } from "@otp/genserver";
import fc from "fast-check";

import { agree, Step } from "./step.ts";

/**
 * A child, as far as commands know it.
 *
 * @see supervisorCommands
 */
export interface ModelChild {
  readonly id: string;
  readonly restart: Restart;
  /** The process that runs, as everybody sees it; null when none does. */
  readonly pid: Pid | null;
}

/**
 * A supervisor to be held against the model.
 *
 * @see supervisorCommands
 */
export interface SupervisorUnderTest {
  /** The children in the order in which they were started. */
  readonly children: () => Promise<readonly { readonly id: string; readonly pid: Pid | null }[]>;
  /** Adds a child; false when there is one of that id. */
  readonly start: (id: string, restart: Restart) => Promise<boolean>;
  readonly terminate: (id: string) => Promise<boolean>;
  readonly restart: (id: string) => Promise<boolean>;
  readonly remove: (id: string) => Promise<boolean>;
  /** Ends a child with a reason, and returns when the supervisor has dealt with it. */
  readonly crash: (pid: Pid, reason: "normal" | "oops") => Promise<void>;
}

/**
 * The children that there should be.
 *
 * @see supervisorCommands
 */
export interface SupervisorModel {
  children: readonly ModelChild[];
}

/**
 * Which supervisor it is.
 *
 * @see supervisorCommands
 */
export interface SupervisorCommandsOptions {
  readonly strategy: Strategy;
  /** The ids to try. Default three. */
  readonly ids?: readonly string[];
}

type Under = SupervisorUnderTest;

/** A child as it has to be: with the process it had, with another one, or with none. */
interface WantedChild {
  readonly id: string;
  readonly restart: Restart;
  readonly pid: Pid | "new" | null;
}

/**
 * Commands that add, stop, restart, delete and crash children; after each, the children must be those of the model in its order,
 * and exactly those have a new process that the strategy names (SUP-9 … SUP-12, SUP-16, SUP-17). The supervisor has to bear as
 * many restarts as there are commands.
 *
 * @example
 * import { Node } from "@otp/core";
 * import { Supervisor } from "@otp/genserver";
 * import fc from "fast-check";
 *
 * await using node = await Node.start();
 * await fc.assert(
 *   fc.asyncProperty(supervisorCommands({ strategy: "rest_for_one" }), async (commands) => {
 *     const supervisor = await Supervisor.start(node, [], { strategy: "rest_for_one", maxRestarts: 1000 });
 *     await fc.asyncModelRun(() => ({ model: { children: [] }, real: supervisorOf(node, supervisor) }), commands);
 *   }),
 *   { numRuns: 1 },
 * );
 */
export function supervisorCommands({
  strategy,
  ids = ["a", "b", "c"],
}: SupervisorCommandsOptions): fc.Arbitrary<Iterable<fc.AsyncCommand<SupervisorModel, SupervisorUnderTest>>> {
  const id = fc.constantFrom(...ids);
  const restart = fc.constantFrom<Restart>("permanent", "transient", "temporary");
  return fc.commands(
    [
      fc.tuple(id, restart).map(([one, how]) => starting(one, how)),
      fc.tuple(id, restart).map(([one, how]) => starting(one, how)),
      id.map((one) => administering("terminate", one)),
      id.map((one) => administering("restart", one)),
      id.map((one) => administering("remove", one)),
      fc
        .tuple(id, fc.constantFrom<"normal" | "oops">("normal", "oops"))
        .map(([one, why]) => crashing(one, why, strategy)),
    ],
    { size: "+1" },
  );
}

function starting(id: string, restart: Restart): Step<SupervisorModel, Under> {
  return step(`start(${id}, ${restart})`, async (model, real) => {
    const isFree = !model.children.some((child) => child.id === id);
    agree(`start(${id})`, await real.start(id, restart), isFree);
    return isFree ? [...model.children, { id, restart, pid: "new" }] : model.children;
  });
}

function administering(what: "terminate" | "restart" | "remove", id: string): Step<SupervisorModel, Under> {
  return step(`${what}(${id})`, async (model, real) => {
    const child = model.children.find((one) => one.id === id);
    const isPossible = child !== undefined && (what === "terminate" || child.pid === null);
    agree(`${what}(${id})`, await real[what](id), isPossible);
    if (!isPossible) return model.children;
    const others = (pid: "new" | null | undefined): readonly WantedChild[] =>
      model.children.flatMap((one): readonly WantedChild[] =>
        one.id !== id ? [one] : pid === undefined ? [] : [{ ...one, pid }],
      );
    if (what === "restart") return others("new");
    // A temporary child is forgotten when it does not run any more.
    return others(what === "remove" || child.restart === "temporary" ? undefined : null);
  });
}

function crashing(id: string, reason: "normal" | "oops", strategy: Strategy): Step<SupervisorModel, Under> {
  return step(`crash(${id}, ${reason})`, async (model, real) => {
    const at = model.children.findIndex((one) => one.id === id);
    const child = model.children[at];
    if (child?.pid === undefined || child.pid === null) return model.children;
    await real.crash(child.pid, reason);
    const isRestarted = child.restart === "permanent" || (child.restart === "transient" && reason !== "normal");
    return model.children.flatMap((one, place): readonly WantedChild[] => {
      const isMeant =
        place === at || (isRestarted && (strategy === "one_for_all" || (strategy === "rest_for_one" && place > at)));
      if (!isMeant) return [one];
      if (one.restart === "temporary") return one.pid === null ? [one] : [];
      return [{ ...one, pid: isRestarted ? "new" : null }];
    });
  });
}

function step(
  name: string,
  act: (model: SupervisorModel, real: Under) => Promise<readonly WantedChild[]>,
): Step<SupervisorModel, Under> {
  return new Step(name, async (model, real) => {
    const before = new Set(model.children.map(({ pid }) => pid));
    const wanted = await act(model, real);
    const found = await real.children();
    agree(
      `the children after ${name}`,
      found.map((child) => child.id).join(" "),
      wanted.map((child) => child.id).join(" "),
    );
    model.children = wanted.map((child, at) => {
      const pid = found[at]?.pid ?? null;
      if (child.pid === "new")
        agree(`a new process for ${child.id} after ${name}`, pid !== null && !before.has(pid), true);
      else agree(`the process of ${child.id} after ${name}`, pid, child.pid);
      return { id: child.id, restart: child.restart, pid };
    });
  });
}

/**
 * A supervisor of `@otp/genserver` that runs on `node`; its children wait.
 *
 * @see supervisorCommands
 */
export function supervisorOf(node: Node, supervisor: SupervisorPid): SupervisorUnderTest {
  const children = async (): Promise<readonly { readonly id: string; readonly pid: Pid | null }[]> => {
    const infos = await Supervisor.whichChildren(node, supervisor);
    // Erlang lists the latest first.
    return infos.toReversed().map(({ id, pid }) => ({ id: String(id), pid: typeof pid === "object" ? pid : null }));
  };
  return {
    children,
    start: async (id, restart) => (await Supervisor.startChild(node, supervisor, waiting(id, restart))).ok,
    terminate: async (id) => (await Supervisor.terminateChild(node, supervisor, id)).ok,
    restart: async (id) => (await Supervisor.restartChild(node, supervisor, id)).ok,
    remove: async (id) => (await Supervisor.deleteChild(node, supervisor, id)).ok,
    async crash(pid, reason) {
      node.send<unknown>(pid, reason);
      await ended(node, pid);
      // Whoever answers has dealt with the end before.
      await children();
    },
  };
}

function waiting(id: string, restart: Restart): ChildSpec {
  return {
    id,
    restart,
    start: async (supervisor) =>
      supervisor.spawnLink(async (self) => {
        const reason = await self.receive();
        if (reason !== "normal") self.exit(reason);
      }),
  };
}

function ended(node: Node, pid: Pid): Promise<void> {
  return new Promise((resolve) => {
    node.spawn(async (self) => {
      const ref = self.monitor(pid);
      await self.receive({ type: "DOWN", ref });
      resolve();
    });
  });
}
