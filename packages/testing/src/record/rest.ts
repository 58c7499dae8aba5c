/** What the tables of a node hold when nothing is under way. */
import type { Node } from "@otp/core";

import type { Watch } from "./watch.ts";

/** Tells what `node` holds. */
export function tellRest(watch: Watch, node: Node): void {
  const say = (what: "process" | "link" | "monitor" | "watcher" | "name" | "peer", who: unknown, whom: unknown): void =>
    watch.tell({ kind: "rest", what, who: watch.word(who), whom: watch.word(whom) });
  for (const peer of node.list("connected")) {
    watch.tell({ kind: "rest", what: "peer", who: node.name, whom: peer });
  }
  for (const pid of node.processes()) {
    say("process", pid, "");
    const info = node.info(pid);
    for (const other of info?.links ?? []) say("link", pid, other);
    for (const other of info?.monitors ?? []) say("monitor", pid, other);
    for (const other of info?.monitoredBy ?? []) say("watcher", pid, other);
    if (typeof info?.registeredName === "string") {
      watch.tell({ kind: "rest", what: "name", who: info.registeredName, whom: watch.word(pid) });
    }
  }
  for (const name of node.global.registeredNames()) {
    watch.tell({
      kind: "rest",
      what: "global",
      who: watch.word(name),
      whom: watch.word(node.global.whereisName(name)),
    });
  }
  for (const group of node.pg.whichGroups()) {
    const members = node.pg.getMembers(group).map((pid) => watch.word(pid));
    for (const member of members.toSorted())
      watch.tell({ kind: "rest", what: "group", who: watch.word(group), whom: member });
  }
  for (const { invariant, detail } of node.check()) {
    watch.tell({ kind: "rest", what: "broken", who: invariant, whom: detail });
  }
}
