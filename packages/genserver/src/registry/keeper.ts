/**
 * The process that keeps one partition of a registry: registrants are linked to it, and it grants locks (REG-8, REG-12).
 *
 * Registering and looking up do not pass through it; its end takes its entries and its registrants along.
 */
import { type Pid, Ref } from "@otp/core";

import { processOf } from "../gen/context.ts";
import { type From, replyTo } from "../gen/from.ts";
import { type Awaitable, GenServer } from "../gen-server/gen-server.ts";
import type { Call } from "../gen-server/protocol.ts";
import { type CallResult, type CastResult, type InitResult, noreply, ok, reply } from "../gen-server/result.ts";
import { keyOf } from "../supervisor/child-key.ts";
import { type Claim, Locks } from "./locks.ts";
import type { RegistryTable } from "./registry-table.ts";

/** What a keeper can be asked: a lock, for a process or for code outside any; the reply is what gives it back. */
export interface KeeperProtocol {
  readonly call: Call<"lock", number, { readonly key: unknown; readonly claimant: Pid | undefined }>;
  readonly cast: { readonly type: "unlock"; readonly id: number };
}

/** Which partition of which registry a keeper keeps. */
export interface Kept {
  readonly table: RegistryTable;
  readonly at: number;
}

/** The process behind a partition. */
export class Keeper extends GenServer<Locks, KeeperProtocol, Kept> {
  override init({ table, at }: Kept): InitResult<Locks> {
    // The end of a registrant is no failure of the registry's.
    this.self.trapExit = true;
    table.open(at, processOf(this.self, "keep a partition"));
    return ok(new Locks());
  }

  override handleCall(
    { key, claimant }: KeeperProtocol["call"],
    from: From<number>,
    locks: Locks,
  ): CallResult<Locks, number> {
    const ref = claimant === undefined ? undefined : this.self.monitor(claimant);
    const claim: Claim = { index: keyOf(key), id: locks.nextId(), from, ref, claimant };
    return locks.add(claim) ? reply(claim.id, locks) : noreply(locks);
  }

  override handleCast({ id }: KeeperProtocol["cast"], locks: Locks): CastResult<Locks> {
    return this.#release(
      locks,
      locks.find((claim) => claim.id === id),
    );
  }

  override handleInfo(message: unknown, locks: Locks): Awaitable<CastResult<Locks>> {
    if (isTagged(message) && message.type === "EXIT") return noreply(locks);
    if (isTagged(message) && message.type === "DOWN" && message.ref instanceof Ref) {
      const { ref } = message;
      return this.#release(
        locks,
        locks.find((claim) => claim.ref === ref),
      );
    }
    return super.handleInfo(message, locks);
  }

  #release(locks: Locks, claim: Claim | undefined): CastResult<Locks> {
    if (claim === undefined) return noreply(locks);
    if (claim.ref !== undefined) this.self.demonitor(claim.ref, { flush: true });
    const heir = locks.remove(claim);
    if (heir !== undefined) replyTo(heir.from, heir.id);
    return noreply(locks);
  }
}

function isTagged(message: unknown): message is { readonly type: unknown; readonly ref?: unknown } {
  return typeof message === "object" && message !== null && "type" in message;
}
