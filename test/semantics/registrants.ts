/** What tests of registries need besides a world. */
import type { Pid, Process } from "@otp/core";
import { Registry, type RegistryName } from "@otp/genserver";

/** A process that is registered in a registry under those keys, and then waits for what never comes. */
export async function registered<Key, Value>(
  self: Process,
  registry: RegistryName<Key, Value>,
  entries: readonly (readonly [key: Key, value: Value])[],
): Promise<Pid> {
  const pid = self.spawn(async (other) => {
    for (const [key, value] of entries) Registry.register(other, registry, key, value);
    await other.receive(() => false);
  });
  await self.sleep(1);
  return pid;
}
