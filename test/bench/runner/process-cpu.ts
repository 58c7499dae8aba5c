/** CPU time of a process and all that it has started, where the system tells (Linux). */
import { readFileSync } from "node:fs";

const msPerTick = 10;

/** In ms, to 10; undefined where it cannot be found out. */
export function treeCpuMs(pid: number): number | undefined {
  try {
    return childrenOf(pid).reduce((sum, child) => sum + (treeCpuMs(child) ?? 0), cpuMs(pid));
  } catch {
    return undefined;
  }
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
