/**
 * Sees to it that a piece of code leaves nothing running: no sockets, servers, child processes or timers that would keep
 * the program alive.
 */
import { setTimeout as after } from "node:timers/promises";

/** What keeps this process alive now, as Node names it ("TCPSocketWrap", "Timeout" …), with how often. */
export function activeResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What is there now beyond `before`, as text; empty when nothing is. */
export function leakedSince(before: ReadonlyMap<string, number>, ignored: readonly string[] = []): readonly string[] {
  return [...activeResources()]
    .map(([name, count]) => ({ name, more: count - (before.get(name) ?? 0) }))
    .filter(({ name, more }) => more > 0 && !ignored.includes(name))
    .map(({ name, more }) => `${String(more)} × ${name}`);
}

/**
 * Fails at the end of the enclosing block when something was left running in it: `await using _ = leavesNothing();` as the
 * first line of a test. What ends a little later, as sockets do, gets two seconds.
 */
export function leavesNothing(ignored: readonly string[] = []): AsyncDisposable {
  const before = activeResources();
  return {
    async [Symbol.asyncDispose]() {
      // The waiting below is itself a timer, of which Node's list knows only while it runs.
      const patience = Date.now() + 2_000;
      while (leakedSince(before, ignored).length > 0 && Date.now() < patience) await after(10);
      const leaked = leakedSince(before, ignored);
      if (leaked.length > 0) throw new Error(`left running: ${leaked.join(", ")}`);
    },
  };
}
