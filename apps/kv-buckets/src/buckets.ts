/** Buckets: one agent each, found by name in a registry, and gone with whatever made them fail. */
import type { Process } from "@otp/core";
import { Agent, type AgentPid, type ChildSpec, DynamicSupervisor, Registry, type RegistryName } from "@otp/genserver";

/** What a bucket keeps. */
export type Contents = ReadonlyMap<string, string>;

/** The pid of a bucket. */
export type Bucket = AgentPid<Contents>;

/** Which buckets there are. */
export const buckets: RegistryName<string, undefined> = Registry.named("buckets");

/** The supervisor of all buckets. */
export const bucketSupervisor = "bucket_supervisor";

/** Makes a bucket, unless there is one of that name. */
export async function createBucket(self: Process, name: string): Promise<void> {
  const spec: ChildSpec = {
    ...Agent.childSpec({ init: (): Contents => new Map(), name: Registry.via(buckets, name) }),
    // One that has failed is not made anew: what it held is lost, and nobody should take an empty one for the same.
    restart: "temporary",
  };
  const result = await DynamicSupervisor.startChild(self, bucketSupervisor, spec);
  if (!result.ok && findBucket(self, name) === undefined) throw new Error("the bucket could not be made");
}

/** The bucket of that name on this node. */
export function findBucket(self: Process, name: string): Bucket | undefined {
  return Registry.lookup(self, buckets, name)[0]?.pid;
}
