/** Mutants of global names and locks. */
import type { Group } from "../mutant.ts";

/** What is made wrong there. */
export const names: Group = {
  folder: "packages/core/src/cluster",
  noticedBy: "names",
  lines: [
    ["lost-node-keeps-names", "global-state.ts", "    this.table.dropNode(node);", ""],
    ["wait-for-the-lost", "global-state.ts", "    this.#waits.lost(node);", ""],
    [
      "anybody-may-claim",
      "global-state.ts",
      "    const mayNot = own !== undefined && !givesWay(own, this.#port.self, { node: from, replace });",
      "    const mayNot = false;",
    ],
    [
      "both-ask-the-resolver",
      "global-state.ts",
      "      if (this.#port.self < from) this.#settle(own, from, pid);",
      "      if (this.#port.self !== from) this.#settle(own, from, pid);",
    ],
    [
      "verdict-ignored",
      "global-state.ts",
      "    if (winner !== yours && own?.order.pid === yours) this.#own.giveUp(own, true);",
      "",
    ],
    [
      "loser-keeps-name",
      "global-state.ts",
      "    if (winner !== pid && this.#own.get(key) === own) this.#own.withdraw(own);",
      "",
    ],
    ["nobody-told-of-the-end", "own-names.ts", '    this.#tell({ type: "gone", name, pid, id });', ""],
    [
      "refusal-is-enough",
      "own-names.ts",
      "        if ([...answers.values()].every(Boolean)) this.#hold(own);",
      "        if ([...answers.values()].some(Boolean)) this.#hold(own);",
    ],
    ["newcomer-untold", "own-names.ts", "    if (held.length > 0) {", "    if (held.length > 1) {"],
    [
      "gone-of-another",
      "global-state.ts",
      "    if (key !== undefined && this.table.at(key, from)?.pid === pid) {",
      "    if (key !== undefined && this.table.at(key, from)?.pid !== pid) {",
    ],
    [
      "lock-for-everybody",
      "lock-table.ts",
      "    if (held !== undefined && held.requester !== requester) return false;",
      "",
    ],
    ["lock-never-released", "lock-table.ts", "    if (held?.holders.size === 0) this.#held.delete(resource);", ""],
  ],
};
