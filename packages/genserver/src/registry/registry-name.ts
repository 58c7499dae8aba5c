/** Names of registries that know, for the compiler, what is registered in them. */
import type { Pid } from "@otp/core";

/**
 * The local name of a registry with keys of the type `Key` and values of the type `Value`. A plain string is a name of a
 * registry of which nothing is known, where every key and value goes.
 */
export type RegistryName<Key = unknown, Value = unknown> = string & {
  /** Only for the type. */
  readonly "~registry"?: { readonly key: Key; readonly value: Value };
};

/** Whether a key may have one entry or any number of them (REG-1). */
export type RegistryKeys = "unique" | "duplicate";

/** A process that is registered under the key that was asked for, and its value. */
export interface Registered<Value = unknown> {
  readonly pid: Pid;
  readonly value: Value;
}

/** An entry of a registry. */
export interface RegistryEntry<Key = unknown, Value = unknown> extends Registered<Value> {
  readonly key: Key;
}

/** What became of a registration: whose the registry's part is that keeps it and is linked now, or who has the key. */
export type RegisterResult =
  | { readonly ok: true; readonly owner: Pid }
  | { readonly ok: false; readonly reason: { readonly type: "already_registered"; readonly pid: Pid } };

/** The value after an update and before it; refused where the key is not the caller's (REG-6). */
export type UpdateResult<Value = unknown> =
  | { readonly ok: true; readonly value: Value; readonly before: Value }
  | { readonly ok: false; readonly reason: "not_registered" };

/** What a registry has been told about itself under a key (REG-11). */
export type MetaResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: "unknown_key" };

/** What listeners are sent (REG-10). Ends of processes are not told: whoever wants to know monitors them. */
export type ListenerMessage<Key = unknown, Value = unknown> =
  | {
      readonly type: "register";
      readonly registry: string;
      readonly key: Key;
      readonly pid: Pid;
      readonly value: Value;
    }
  | { readonly type: "unregister"; readonly registry: string; readonly key: Key; readonly pid: Pid };
