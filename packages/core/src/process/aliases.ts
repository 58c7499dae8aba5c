/** Aliases: refs that messages can be sent to, until they are closed (ALIAS-1 … ALIAS-9). */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";
import type { AliasMode } from "./parts.ts";

/** An active alias. */
export interface Alias {
  readonly process: ControlBlock;
  readonly ref: Ref;
  readonly mode: AliasMode;
}

/** Makes `ref` an alias of `process`. */
export function openAlias(process: ControlBlock, ref: Ref, mode: AliasMode): void {
  const parts = process.needParts();
  parts.aliases ??= new Set();
  parts.aliases.add(ref.number);
  process.kernel.aliases.set(ref.number, { process, ref, mode });
}

/** Closes an alias; false when `process` has no such active one. */
export function closeAlias(process: ControlBlock, ref: Ref): boolean {
  if (process.kernel.aliases.get(ref.number)?.ref !== ref) return false;
  if (process.parts?.aliases?.delete(ref.number) !== true) return false;
  process.kernel.aliases.delete(ref.number);
  return true;
}

/** `unalias(ref)` called by `process`; the monitor of the same ref goes on (ALIAS-6). */
export function unalias(process: ControlBlock, ref: Ref): boolean {
  process.assertAlive();
  if (!(ref instanceof Ref)) throw new ArgumentError(`expected an alias. Got: ${show(ref)}`);
  return closeAlias(process, ref);
}
