/** CPU time of what a process has started, where the system tells (Linux). */
import { readFileSync } from "node:fs";

const msPerTick = 10;

/** That of all processes below `pid`, in ms, to 10; undefined where it cannot be found out. */
export function offspringCpuMs(pid: number): number | undefined {
  try {
    return offspring(pid);
  } catch {
    return undefined;
  }
}

function offspring(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child) + offspring(child), 0);
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function childrenOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
  return children.split(" ").flatMap((child) => (child.trim() === "" ? [] : [Number(child)]));
}
