/** Whose a global name is when two parts of a cluster meet and both have it (GLOBAL-5). */
import type { Logger } from "pino";

import type { Host } from "../process/host.ts";
import type { Pid } from "../term/pid.ts";
import { remote, type RemoteFunction } from "../term/remote-function.ts";
import type { Conflict } from "./own-names.ts";
import { showName } from "./term-key.ts";

/**
 * Decides between two processes that hold `name`; `"none"` frees it. It is called once per conflict, on that of the two
 * nodes which sorts first, and is the one given with the registration there: `pid1` is the process of that node.
 */
export type GlobalResolver = (name: unknown, pid1: Pid, pid2: Pid, node: Host) => Pid | "none";

/** A resolver that other nodes know, too, as is needed to register a process of another node. */
export type RemoteResolver = RemoteFunction<(name: unknown, pid1: Pid, pid2: Pid, node: Host) => Pid | "none">;

/**
 * Keeps the process of the node that sorts first, and kills the other; what registrations do that name no resolver. As
 * Erlang's, whose name it bears, it leaves nothing to chance.
 */
export const randomExitName: RemoteResolver = remote(
  "otp/global/randomExitName",
  (name: unknown, pid1: Pid, pid2: Pid, node: Host): Pid => {
    const { winner, loser } = rank(pid1, pid2);
    node.log.info(
      { event: "global_name_conflict", name, pid: String(loser) },
      `global: Name conflict terminating {${showName(name)}, ${loser}}`,
    );
    node.sendExit(loser, "kill");
    return winner;
  },
);

/** Keeps the process of the node that sorts first, and sends the other `{ type: "global_name_conflict", name }`. */
export const randomNotifyName: RemoteResolver = remote(
  "otp/global/randomNotifyName",
  (name: unknown, pid1: Pid, pid2: Pid, node: Host): Pid => {
    const { winner, loser } = rank(pid1, pid2);
    node.send(loser, { type: "global_name_conflict", name });
    return winner;
  },
);

/** Frees the name, and sends both processes `{ type: "global_name_conflict", name, other }`. */
export const notifyAllName: RemoteResolver = remote(
  "otp/global/notifyAllName",
  (name: unknown, pid1: Pid, pid2: Pid, node: Host): "none" => {
    node.send(pid1, { type: "global_name_conflict", name, other: pid2 });
    node.send(pid2, { type: "global_name_conflict", name, other: pid1 });
    return "none";
  },
);

function rank(pid1: Pid, pid2: Pid): { readonly winner: Pid; readonly loser: Pid } {
  return pid1.node < pid2.node ? { winner: pid1, loser: pid2 } : { winner: pid2, loser: pid1 };
}

/** Asks the resolver of a conflict; null when the name shall be free, also because the resolver has failed. */
export function judge({ name, mine, other, resolver }: Conflict, node: Host, log: Logger): Pid | null {
  const fields = { event: "global_conflict", name, pids: [String(mine), String(other)] };
  try {
    const winner: unknown = Reflect.apply(resolver ?? randomExitName, undefined, [name, mine, other, node]);
    if (winner === mine) return mine;
    if (winner === other) return other;
    if (winner !== "none")
      log.error(fields, `global: the resolver of ${showName(name)} gave no pid of the two, nor "none"`);
  } catch (error) {
    log.error({ ...fields, err: error }, `global: the resolver of ${showName(name)} failed; the name is free`);
  }
  return null;
}
