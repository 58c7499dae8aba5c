/** Behaviours: which message they handle, one after the other, how they end, and what a supervisor does with its children. */
import type { Body, ControlBlock } from "@otp/core/internal";

import { around } from "./around.ts";
import type { Inbox } from "./inbox.ts";
import type { Watch } from "./watch.ts";

/** Tells what the behaviour of `process` does, if it gets one. */
export function watchTurns(watch: Watch, process: ControlBlock, inbox: Inbox): void {
  let seen: Body | null = null;
  watch.undos.push(
    around(process, "runTurn", (original) => {
      // A behaviour takes over in some turn, and handles its first message in a later one.
      const { body } = process;
      if (body !== null && body !== seen && body.handle !== undefined) {
        seen = body;
        watchBody(watch, { process, body, inbox });
      }
      return original();
    }),
  );
}

interface Server {
  readonly process: ControlBlock;
  readonly body: Body;
  readonly inbox: Inbox;
}

function watchBody(watch: Watch, { process, body, inbox }: Server): void {
  const name = watch.nameOf(process.pid);
  const tree = watchTree(watch, name, body);
  const isEverything = (): boolean => (body.accepts ?? null) === null;
  watch.undos.push(
    around(body, "handle", (original, [message]) => {
      const taking = inbox.take(message, isEverything);
      if (taking !== undefined) watch.tell({ kind: "handle", pid: name(), clock: watch.clock, ...taking });
      const done = (): void => {
        tree();
        if (taking !== undefined) watch.tell({ kind: "handled", pid: name() });
      };
      const result = original();
      if (result instanceof Promise) void result.finally(done).catch(() => undefined);
      else done();
      return result;
    }),
  );
  const server = "server" in body ? body.server : undefined;
  if (typeof server !== "object" || server === null) return;
  watch.undos.push(
    around(server, "terminate", (original) => {
      watch.tell({ kind: "terminate", pid: name() });
      return original();
    }),
  );
}

/** What is known of a child. */
interface Kept {
  readonly spec: { readonly id: unknown; readonly shutdown: unknown };
  readonly restart: unknown;
  readonly pid: unknown;
  readonly isRestarting: unknown;
}

/** Returns how to tell of the children of a supervisor, when they are not what was told last. */
function watchTree(watch: Watch, name: () => string, body: Body): () => void {
  const tree = "state" in body ? body.state : undefined;
  if (!isTree(tree)) return () => undefined;
  const { strategy, maxRestarts, maxSeconds, autoShutdown } = tree.flags;
  watch.tell({ kind: "supervisor", pid: name(), strategy, maxRestarts, maxSeconds, auto: autoShutdown !== "never" });
  let last = "";
  const tell = (): void => {
    const list = [...tree.children].filter(isKept).map((child) => {
      const where = child.pid === null ? (child.isRestarting === true ? "restarting" : "-") : watch.word(child.pid);
      return [watch.word(child.spec.id), where, String(child.restart), String(child.spec.shutdown)].join("|");
    });
    const words = list.join("\n");
    if (words === last) return;
    last = words;
    watch.tell({ kind: "children", pid: name(), list });
  };
  tell();
  return tell;
}

interface SeenTree {
  readonly children: Iterable<unknown>;
  readonly flags: {
    readonly strategy: string;
    readonly maxRestarts: number;
    readonly maxSeconds: number;
    readonly autoShutdown: string;
  };
}

function isTree(value: unknown): value is SeenTree {
  if (typeof value !== "object" || value === null || !("children" in value) || !("flags" in value)) return false;
  const { flags, children } = value;
  if (typeof flags !== "object" || flags === null || typeof children !== "object" || children === null) return false;
  return "strategy" in flags && "maxRestarts" in flags && Symbol.iterator in children && !(children instanceof Map);
}

function isKept(child: unknown): child is Kept {
  return typeof child === "object" && child !== null && "spec" in child && "isRestarting" in child;
}
