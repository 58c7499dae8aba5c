/** Registries, as users see them. */
export type { Dispatched } from "./dispatch.ts";
export type { RegistryOptions } from "./options.ts";
export type { Anything, EntryPattern, ValuePattern } from "./pattern.ts";
export { Registry, type RegistryVia } from "./registry.ts";
export type {
  ListenerMessage,
  MetaResult,
  Registered,
  RegisterResult,
  RegistryEntry,
  RegistryKeys,
  RegistryName,
  UpdateResult,
} from "./registry-name.ts";
