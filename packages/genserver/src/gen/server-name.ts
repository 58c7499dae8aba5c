/** The names a server may have, and finding the server behind what a caller has in hand (CALL-5, GS-9, GS-22). */
import { ArgumentError, type GlobalName, Pid, type RemoteName, type ViaName } from "@otp/core";
import { type Kernel, ProcessControl, show } from "@otp/core/internal";

import { type Context, kernelOf } from "./context.ts";

/** What a server may be registered as: a local name, `{ global: term }` or `{ via, name }`. */
export type ServerName = string | GlobalName | ViaName;

/** Whom a call, cast or stop may be for. Nobody (`null`, `undefined`) is a server that is not there. */
export type ServerTarget = Pid<never> | ServerName | RemoteName | null | undefined;

/** A living process of this node, an address on another node, or null where there is no process. */
export type Found = ProcessControl | Pid | RemoteName | null;

/** Finds the server. @throws ArgumentError for what can be no server; what a via module throws. */
export function findServer(kernel: Kernel, target: ServerTarget): Found {
  if (target instanceof Pid) {
    const { resident } = target;
    if (resident instanceof ProcessControl && resident.kernel === kernel) return resident;
    return findPid(kernel, target);
  }
  if (typeof target === "string") return findLocal(kernel, target);
  if (target === null || target === undefined) return null;
  if (
    typeof target === "object" &&
    "node" in target &&
    typeof target.name === "string" &&
    typeof target.node === "string"
  ) {
    return target.node === kernel.own.name ? findLocal(kernel, target.name) : target;
  }
  const pid = lookUp(kernel, target);
  return pid === undefined ? null : findPid(kernel, pid);
}

/**
 * The pid of a server, `undefined` when there is none; `{ name, node }` of another node is given back unchanged, for only
 * that node knows (GS-22).
 */
export function whereis(context: Context, target: ServerTarget): Pid | RemoteName | undefined {
  const kernel = kernelOf(context);
  if (target instanceof Pid) return kernel.localize(target);
  const found = findServer(kernel, target);
  if (found === null) return undefined;
  return found instanceof ProcessControl ? found.pid : found;
}

/** Refuses what cannot be the name of a new server; `null` and `undefined` mean none (GS-9). */
export function checkName(name: unknown): ServerName | null {
  if (name === undefined || name === null) return null;
  if (typeof name === "string") return name;
  if (isGlobalName(name) || isViaName(name)) return name;
  throw new ArgumentError(
    `expected the option name to be a string, { global: term } or { via: module, name: term }, with a module that has registerName, unregisterName, whereisName and send. Got: ${show(name)}`,
  );
}

/** The name as it stands in reports: the name itself, without saying where it is registered. */
export function showName(name: ServerName): string {
  if (typeof name === "string") return name;
  const term = "global" in name ? name.global : name.name;
  return typeof term === "string" ? term : show(term);
}

/** The process that holds a global or via name. */
export function lookUp(kernel: Kernel, name: unknown): Pid | undefined {
  if (isGlobalName(name)) return kernel.services.whereisGlobal(name.global);
  if (isViaName(name)) return name.via.whereisName(kernel.host, name.name);
  throw new ArgumentError(
    `expected a server as a pid, a name, { name, node }, { global: term } or { via, name }. Got: ${show(name)}`,
  );
}

function findLocal(kernel: Kernel, name: string): ProcessControl | null {
  const process = kernel.names.find(name);
  return process instanceof ProcessControl ? process : null;
}

function findPid(kernel: Kernel, target: Pid<never>): Found {
  const pid = kernel.localize(target);
  return kernel.isOwnPid(pid) ? kernel.find(pid) : pid;
}

function isGlobalName(name: unknown): name is GlobalName {
  return typeof name === "object" && name !== null && "global" in name;
}

const viaFunctions = ["registerName", "unregisterName", "whereisName", "send"] as const;

function isViaName(name: unknown): name is ViaName {
  if (typeof name !== "object" || name === null || !("via" in name) || !("name" in name)) return false;
  const { via } = name;
  if ((typeof via !== "object" && typeof via !== "function") || via === null) return false;
  return viaFunctions.every((wanted) => wanted in via && typeof Reflect.get(via, wanted) === "function");
}
