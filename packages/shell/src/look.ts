/** Looking at things: help, values, processes and supervision trees. */
import { readdirSync } from "node:fs";
import { relative } from "node:path";

import { ArgumentError, formatReason, Node, Pid } from "@otp/core";
import { Supervisor } from "@otp/genserver";

import type { Evaluator } from "./evaluator.ts";
import { help } from "./help.ts";
import { table } from "./print.ts";
import { trace } from "./trace.ts";

/** How the shell shows things, and what it remembers. */
export interface Look {
  /** Prints lines of text. */
  readonly print: (text: string) => void;
  readonly show: (value: unknown) => string;
  /** The value of an earlier input; the last one by default. */
  readonly recall: (index: number) => unknown;
  /** Loads a file; its exports. */
  readonly load: (file: string) => Promise<object>;
  /** The files that have been loaded. */
  readonly loaded: () => readonly string[];
}

/** `h`, `i`, `v`, `pid`, `c`, `recompile`, `ps`, `tree`, `trace`, `ls`, `pwd`. */
export function lookBindings(evaluator: Evaluator, look: Look): Readonly<Record<string, unknown>> {
  const { node } = evaluator;
  const say = (text: string): "ok" => {
    look.print(text);
    return "ok";
  };
  return {
    h: (topic?: string) => say(help(topic)),
    v: (index = -1) => look.recall(index),
    i: (value: unknown) => say(table(describe(node, value, look))),
    pid: (text: string) => findPid(node, text),
    c: (file: string) => look.load(file),
    recompile: async () => {
      const files = look.loaded();
      await Promise.all(files.map((file) => look.load(file)));
      return files.map((file) => relative(process.cwd(), file));
    },
    trace: (target: Pid | string, on = true) => trace(node, target, on ? look : undefined),
    ls: (folder = ".") =>
      readdirSync(folder, { withFileTypes: true }).map((entry) =>
        entry.isDirectory() ? `${entry.name}/` : entry.name,
      ),
    ps: () => say(table(processes(node))),
    tree: async (root: Pid | string) => {
      if (root === evaluator.current.pid) throw new ArgumentError(`expected a supervisor. Got: ${root}, this shell`);
      return say((await branches(evaluator, root, "")).join("\n"));
    },
    pwd: () => process.cwd(),
  };
}

function describe(node: Node, value: unknown, look: Look): string[][] {
  const rows = [
    ["Value", look.show(value)],
    ["Type", typeOf(value)],
  ];
  if (!isPid(value)) return rows;
  rows.push(["Node", value.node]);
  if (value.node !== node.name) return rows;
  const info = node.info(value);
  if (info === undefined) return [...rows, ["Alive", "false"]];
  return [
    ...rows,
    ["Alive", "true"],
    ["Name", String(info.registeredName)],
    ["Status", info.status],
    ["Function", info.initialCall ?? ""],
    ["Links", info.links.join(" ")],
    ["Messages", String(info.messageQueueLen)],
    ["Traps exits", String(info.trapExit)],
  ];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const name: unknown = Reflect.get(Object(Reflect.get(value, "constructor")), "name");
  return typeof name === "string" && name !== "" ? name : "object";
}

function processes(node: Node): string[][] {
  const rows = node.processes().flatMap((pid) => {
    const info = node.info(pid);
    if (info === undefined) return [];
    const name = typeof info.registeredName === "string" ? info.registeredName : (info.label ?? "");
    const what = [String(pid), formatReason(name), info.initialCall ?? ""];
    return [[...what, String(info.messageQueueLen), String(info.links.length)]];
  });
  return [["PID", "NAME", "FUNCTION", "MESSAGES", "LINKS"], ...rows];
}

/** A supervisor's children, and theirs. */
async function branches(evaluator: Evaluator, root: Pid | string, indent: string): Promise<string[]> {
  const children = await Supervisor.whichChildren(evaluator.current, root);
  const lines = indent === "" ? [String(root)] : [];
  for (const { id, pid, type } of children) {
    const inner = `${indent}  `;
    lines.push(`${inner}${formatReason(id)} ${String(pid ?? "not running")} (${type})`);
    // One supervisor after the other: the tree is printed as it is walked.
    if (type === "supervisor" && pid instanceof Pid) lines.push(...(await branches(evaluator, pid, inner)));
  }
  return lines;
}

/** The pid of a text such as `0.12.0`, `#PID<0.12.0>` or `two@host.12.0`. */
function findPid(node: Node, text: string): Pid {
  const parts = /^(?:#PID<)?(.+)\.(\d+)\.(\d+)>?$/u.exec(text);
  if (parts === null) throw new ArgumentError(`expected a pid as "0.12.0" or "#PID<two@host.12.0>". Got: ${text}`);
  const [, home = "", low = "0", high = "0"] = parts;
  const { identities } = Node.kernelOf(node);
  const number = Number(low) + Number(high) * 2 ** 28;
  if (home === "0" || home === node.name) {
    const known = node.processes().find((one) => String(one) === `#PID<0.${low}.${high}>`);
    return known ?? identities.own.pid(number);
  }
  throw new ArgumentError(
    `expected a pid of this node, since the number of another node's start is not in the text. Got: ${text}`,
  );
}

function isPid(value: unknown): value is Pid {
  return value instanceof Pid;
}
