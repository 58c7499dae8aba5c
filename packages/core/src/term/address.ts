/** Where a message may be sent, a monitor set, a call made (SIG-3). */
import type { Pid } from "./pid.ts";
import type { Ref } from "./ref.ts";

/** A name registered on one node (NAME-6). */
export interface RemoteName {
  readonly name: string;
  readonly node: string;
}

/** A name registered in `node.global`: any term (GLOBAL-1). */
export interface GlobalName {
  readonly global: unknown;
}

/** What a module must offer to be used in `{ via, name }` addresses (GS-9). */
export interface ViaModule<Name = unknown> {
  registerName(context: unknown, name: Name, pid: Pid): "yes" | "no" | Promise<"yes" | "no">;
  unregisterName(context: unknown, name: Name): void;
  whereisName(context: unknown, name: Name): Pid | undefined;
  send(context: unknown, name: Name, message: unknown): Pid;
}

/** A name kept by a module of the user's, such as a Registry. */
export interface ViaName<Name = unknown> {
  readonly via: ViaModule<Name>;
  readonly name: Name;
}

/** Every form of destination that `send` takes. */
export type Address<Message = never> = Pid<Message> | Ref | string | RemoteName | GlobalName | ViaName;
