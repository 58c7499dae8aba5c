/** Giving a new process its name, before `init` runs (GS-1), and taking it back when the start fails (GS-6, G3). */
import { type GlobalName, type Pid, type ViaName } from "@otp/core";
import type { ControlBlock, Kernel } from "@otp/core/internal";

import { lookUp, type ServerName } from "./server-name.ts";

/** The process that holds `name` now. */
export function holderOf(kernel: Kernel, name: ServerName): Pid | undefined {
  return typeof name === "string" ? kernel.names.whereis(name) : lookUp(kernel, name);
}

/** Registers a name that others keep for us; `"no"` when it is taken. Local names are given by the kernel, at once. */
export function registerElsewhere(process: ControlBlock, name: GlobalName | ViaName): unknown {
  const { kernel, pid } = process;
  if ("global" in name) return kernel.services.registerGlobal(name.global, pid);
  return name.via.registerName(kernel.host, name.name, pid);
}

/**
 * Frees the name of a process whose start failed; a promise where others have to agree. A later end of the process is
 * noticed by whoever keeps the name.
 */
export function releaseName(process: ControlBlock, name: ServerName | null): Promise<unknown> | undefined {
  const { kernel } = process;
  if (name === null || lookUpQuietly(kernel, name) !== process.pid) return undefined;
  if (typeof name === "string") kernel.names.release(process);
  else if ("global" in name) return kernel.services.unregisterGlobal(name.global);
  else name.via.unregisterName(kernel.host, name.name);
  return undefined;
}

function lookUpQuietly(kernel: Kernel, name: ServerName): Pid | undefined {
  try {
    return holderOf(kernel, name);
  } catch {
    // The module that kept the name is gone, and the name with it.
    return undefined;
  }
}
