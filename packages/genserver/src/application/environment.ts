/**
 * What is known of a node's applications: kept in the dictionaries of their own processes, which are found by their names,
 * so that asking costs no message and works while an application starts.
 */
import { Node, type Pid } from "@otp/core";

import { type Context, kernelOf } from "../gen/context.ts";
import type { ApplicationClass, EnvOf } from "./callbacks.ts";

/** What the process of an application says about itself. */
export interface ApplicationInfo {
  readonly name: string;
  readonly env: unknown;
  /** The top of its tree; null until the application has started. */
  readonly supervisor: Pid<never> | null;
}

const prefix = "application.";
const key = "$application";

/** The local name of the process to which applications say that they have finished, in a program. */
export const programName = "application_program";

/** The node of a context. @throws ArgumentError for what is no context. */
export function nodeOf(context: Context): Node {
  kernelOf(context);
  return context instanceof Node ? context : context.node;
}

/** The name of an application: what its class says, else the name of the class. */
export function nameOf({ name, options }: ApplicationClass): string {
  return options.name ?? name;
}

/** The local name of an application's own process. */
export function processName(application: ApplicationClass | string): string {
  return `${prefix}${typeof application === "string" ? application : nameOf(application)}`;
}

/** The dictionary entry that `infoOf` reads. */
export function infoEntry(info: ApplicationInfo): readonly [key: string, info: ApplicationInfo] {
  return [key, info];
}

/** What an application says about itself; undefined when there is none of that name. */
export function infoOf(node: Node, name: string): ApplicationInfo | undefined {
  const pid = node.whereis(name);
  if (pid === undefined) return undefined;
  const held = node.info(pid, "dictionary")?.find(([entry]) => entry === key)?.[1];
  return isInfo(held) ? held : undefined;
}

/** The environment of an application that runs or starts. */
export function environmentOf<Class extends ApplicationClass>(
  node: Node,
  application: Class,
): EnvOf<Class> | undefined {
  // What was given to `start` is what the class takes.
  return infoOf(node, processName(application))?.env as EnvOf<Class> | undefined;
}

/** The applications that run, in the order in which they were started. */
export function runningOn(node: Node): readonly ApplicationInfo[] {
  return node
    .registered()
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => infoOf(node, name) ?? [])
    .filter(({ supervisor }) => supervisor !== null);
}

function isInfo(value: unknown): value is ApplicationInfo {
  return typeof value === "object" && value !== null && "supervisor" in value && "env" in value;
}
