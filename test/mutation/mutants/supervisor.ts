/** Mutants of supervisors. */
import type { Group } from "../mutant.ts";

/** What is made wrong there. */
export const supervisor: Group = {
  folder: "packages/genserver/src/supervisor",
  noticedBy: "supervision",
  lines: [
    [
      "stops-in-order-of-start",
      "strategy.ts",
      "    stop: affected.filter((child) => child !== failed).reverse(),",
      "    stop: affected.filter((child) => child !== failed),",
    ],
    ["rest-begins-behind", "strategy.ts", "all.slice(all.indexOf(failed))", "all.slice(0, all.indexOf(failed) + 1)"],
    [
      "one-means-all",
      "strategy.ts",
      '  if (strategy === "one_for_one") return',
      '  if (strategy === "one_for_all") return',
    ],
    [
      "transient-always",
      "strategy.ts",
      '      return isShutdownReason(reason) ? "rest" : "restart";',
      '      return "restart";',
    ],
    [
      "temporary-restarted",
      "strategy.ts",
      "    start: affected.filter((child) => !isTemporary(child)),",
      "    start: affected,",
    ],
    ["any-is-all", "strategy.ts", '  if (autoShutdown === "any_significant") return true;', ""],
    ["window-open-by-one", "intensity.ts", "time < oldest; time", "time <= oldest; time"],
    [
      "one-restart-more",
      "intensity.ts",
      "    return this.#times.length - this.#first <= maxRestarts;",
      "    return this.#times.length - this.#first <= maxRestarts + 1;",
    ],
    ["never-killed", "shutdown.ts", '    self.sendExit(pid, "kill");\n    down', "    down"],
    [
      "brutal-asks",
      "shutdown.ts",
      '  self.sendExit(pid, shutdown === "brutal_kill" ? "kill" : "shutdown");',
      '  self.sendExit(pid, "shutdown");',
    ],
    ["no-second-try", "tree.ts", "      this.#self.accept(retry);", ""],
    [
      "terminated-restarted",
      "tree.ts",
      '    this.children.setStopped(child);\n    if (fate === "forget")',
      '    if (fate === "forget")',
    ],
    [
      "running-deleted",
      "admin.ts",
      '  if (child.isActive) return refuse(child.isRestarting ? "restarting" : "running");\n  tree.children.remove(child);',
      "  tree.children.remove(child);",
    ],
  ],
};
