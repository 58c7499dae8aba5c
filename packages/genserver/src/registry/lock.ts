/** Holding a lock of a registry while a function runs (REG-12). */
import type { Pid } from "@otp/core";

import { callerOf, type Context } from "../gen/context.ts";
import { call, cast } from "../gen-server/client.ts";
import type { ServerPid } from "../gen-server/protocol.ts";
import type { KeeperProtocol } from "./keeper.ts";

/** Runs `fn` while nobody else holds the lock `key` of `keeper`. */
export async function holdingLock<Result>(
  context: Context,
  { keeper, key }: { readonly keeper: Pid; readonly key: unknown },
  fn: () => Result | PromiseLike<Result>,
): Promise<Result> {
  const server: ServerPid<KeeperProtocol> = keeper;
  const claimant = callerOf(context)?.pid;
  const id = await call(context, server, { type: "lock", key, claimant }, "infinity");
  try {
    return await fn();
  } finally {
    // The death of the holder is noticed by the keeper itself.
    cast(context, server, { type: "unlock", id });
  }
}
