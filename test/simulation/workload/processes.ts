/**
 * The workload of processes: five actors on three nodes send, link, watch, kill, wait and call at random, over a medium that
 * loses, doubles and reorders; in the end everything that each has seen is judged, and nothing may be left.
 */
import { Node as Inner } from "@otp/core/internal";
import type { Simulation, Weather } from "@otp/testing";

import { Actor } from "./actor.ts";
import { Diary } from "./diary.ts";
import { judge } from "./judge.ts";
import { Performer } from "./perform.ts";
import { startServers } from "./servers.ts";
import { type Program, programOf } from "./steps.ts";

/** The medium of this workload. */
export const weather: Weather = { loss: 0.03, duplication: 0.03 };

/** The scenario of a seed. */
export function processes(seed: number): (sim: Simulation) => Promise<void> {
  const program = programOf(seed);
  return (sim) => run(sim, program);
}

async function run(sim: Simulation, { isCalm, steps }: Program): Promise<void> {
  const nodes = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
  await sim.mesh();
  const diary = new Diary(() => sim.now());
  const servers = await Promise.all(nodes.map(startServers));
  const actors = [0, 1, 2, 3, 4].map((id) => new Actor(nodes[id % 3] ?? failing(), id, diary));
  await sim.run({ until: () => actors.every(({ hasBegun }) => hasBegun) });
  const performer = new Performer({ actors, servers, diary, now: () => sim.now() });
  for (const step of steps) {
    if (step.do === "wait") await sim.run({ for: step.ms });
    else if (step.do === "cut") {
      const [one, rest] = [nodes[step.node] ?? failing(), nodes.filter((_node, index) => index !== step.node)];
      sim.partition([one], rest, { oneWay: step.oneWay });
      await sim.run({ for: step.ms });
      sim.heal();
    } else performer.perform(step);
  }
  await sim.settle();
  // Whoever waits for a mark is through by now, and so is every call.
  await sim.run({ for: 25_000 });
  const faults = [...judge(diary, actors, isCalm)];
  for (const { node, pid } of actors) node.sendExit(pid, "kill");
  for (const [at, { echo, squares }] of servers.entries()) {
    nodes[at]?.sendExit(echo, "kill");
    nodes[at]?.sendExit(squares, "kill");
  }
  await sim.run("toQuiescence");
  for (const node of nodes) faults.push(...leftOn(Inner.kernelOf(node)));
  if (faults.length > 0) throw new Error(faults.slice(0, 8).join("\n"));
}

/** K4: what is left in the tables when nobody is left to need it. */
function leftOn({ own, aliases, callAliases, userTimers, remotes }: ReturnType<typeof Inner.kernelOf>): string[] {
  const ties = remotes.nodes().flatMap((node) => {
    const { links, monitors, watchers } = remotes.count(node);
    return links + monitors + watchers > 3
      ? [`K4: ${own.name} has ties to ${node} left: ${JSON.stringify(remotes.count(node))}`]
      : [];
  });
  const tables: readonly (readonly [string, number])[] = [
    ["aliases", aliases.size],
    ["calls", callAliases.size],
    ["timers", userTimers.size],
  ];
  return [
    ...ties,
    ...tables.flatMap(([name, size]) => (size > 0 ? [`K4: ${own.name} has ${String(size)} ${name} left`] : [])),
  ];
}

function failing(): never {
  throw new Error("there is no such node");
}
