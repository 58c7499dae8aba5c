/** One process: what it sends, gets and takes, whom it watches and is linked to. */
import { Pid, Ref, TIMEOUT } from "@otp/core";
import { type ControlBlock, PendingCall, predicateOf, ProcessControl } from "@otp/core/internal";

import { around } from "./around.ts";
import { Inbox } from "./inbox.ts";
import { watchCall } from "./watch-calls.ts";
import { watchTurns } from "./watch-server.ts";
import type { Watch } from "./watch.ts";

/** Tells of `process` from here on. */
export function watchProcess(watch: Watch, process: ControlBlock): void {
  const inbox = new Inbox(process, (value) => watch.word(value));
  watchInbox(watch, process, inbox);
  watchTurns(watch, process, inbox);
  if (!(process instanceof ProcessControl)) return;
  watchSending(watch, process);
  watchReceiving(watch, process, inbox);
  watchTies(watch, process, inbox);
  watchSpawning(watch, process);
}

function watchInbox(watch: Watch, process: ControlBlock, inbox: Inbox): void {
  const name = watch.nameOf(process.pid);
  watch.undos.push(
    around(process, "accept", (original, [message]) => {
      const to = name();
      if (message instanceof PendingCall) watchCall(watch, message, to);
      if (!process.isAlive) return original();
      const n = inbox.next();
      const words = watch.word(message);
      tellArrival(watch, { to, message, n, words });
      const before = process.mailbox?.size ?? 0;
      const result = original();
      if ((process.mailbox?.size ?? 0) > before) inbox.push(n, message, words);
      return result;
    }),
    around(process, "receiveExit", (original, [exit]) => {
      if (!process.isAlive || !isExit(exit)) return original();
      const { from, reason, isFromLink } = exit;
      const to = name();
      watch.tell({ kind: "signal", to, from: watch.word(from), reason: watch.word(reason), isFromLink });
      const result = original();
      watch.tell({ kind: "signalled", to });
      return result;
    }),
    around(process, "setTrapping", (original, [on]) => {
      watch.tell({ kind: "trap", pid: name(), on: on === true });
      return original();
    }),
  );
}

interface Arrival {
  readonly to: string;
  readonly message: unknown;
  readonly n: number;
  readonly words: string;
}

function tellArrival(watch: Watch, { to, message, n, words }: Arrival): void {
  // What a process sends only looks like a DOWN.
  if (watch.sender === undefined && isDown(message)) {
    const { ref, object, reason } = message;
    watch.tell({
      kind: "down",
      to,
      ref: watch.word(ref),
      object: watch.word(object),
      reason: watch.word(reason),
      n,
    });
    return;
  }
  const { sender: from, through } = watch;
  const about = aboutOf(watch, message);
  watch.tell({
    kind: "deliver",
    to,
    message: words,
    n,
    ...(from === undefined ? {} : { from }),
    ...(through === undefined ? {} : { through }),
    ...(about === undefined ? {} : { about }),
  });
}

/** What a message of the system is about: `EXIT a.5`, `nodeup b@host`. */
function aboutOf(watch: Watch, message: unknown): string | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  const { type } = message;
  if (type === "EXIT" && "from" in message) return `EXIT ${watch.word(message.from)}`;
  if ((type === "nodeup" || type === "nodedown") && "node" in message) return `${type} ${String(message.node)}`;
  return undefined;
}

function watchSending(watch: Watch, process: ProcessControl): void {
  const name = watch.nameOf(process.pid);
  watch.undos.push(
    around(process, "send", (original, [to, message]) => {
      if (!process.isAlive) return original();
      const from = name();
      watch.tell({ kind: "send", from, to: watch.word(to), message: watch.word(message) });
      const { sender, isTold } = watch;
      watch.sender = from;
      watch.isTold = true;
      try {
        return original();
      } catch (error) {
        if (to instanceof Pid) watch.tell({ kind: "refused", from, to: watch.word(to), error: nameOf(error) });
        throw error;
      } finally {
        watch.sender = sender;
        watch.isTold = isTold;
      }
    }),
    around(process, "sendExit", (original, [to, reason]) => {
      if (process.isAlive) {
        watch.tell({ kind: "tell", from: name(), to: watch.word(to), reason: watch.word(reason), clock: watch.clock });
      }
      return original();
    }),
  );
}

function watchReceiving(watch: Watch, process: ProcessControl, inbox: Inbox): void {
  const name = watch.nameOf(process.pid);
  watch.undos.push(
    around(process, "receive", (original, [first, second]) => {
      const result = original();
      const pid = name();
      if (!(result instanceof Promise)) return result;
      const { wants, ms } = wishOf(first, second);
      if (ms !== undefined) watch.tell({ kind: "wait", pid, ms, clock: watch.clock });
      void result.then(
        (message: unknown) => {
          const taking = message === TIMEOUT ? undefined : inbox.take(message, wants);
          if (message === TIMEOUT) watch.tell({ kind: "timeout", pid, clock: watch.clock });
          else if (taking !== undefined) watch.tell({ kind: "take", pid, ...taking });
        },
        () => undefined,
      );
      return result;
    }),
    around(process, "flush", (original) => {
      const result = original();
      inbox.prune();
      return result;
    }),
  );
}

interface Wish {
  /** What of that which was passed over would have been wanted; nothing where that would run code of the user's. */
  readonly wants: (message: unknown) => boolean;
  readonly ms: number | undefined;
}

function wishOf(first: unknown, second: unknown): Wish {
  const isOptions = second === undefined && isOnlyAfter(first);
  const options = isOptions ? first : second;
  const matcher = isOptions ? undefined : first;
  const ms = isOnlyAfter(options) && typeof options.after === "number" ? options.after : undefined;
  if (matcher === undefined) return { wants: () => true, ms };
  if (!isPlain(matcher)) return { wants: () => false, ms };
  return { wants: predicateOf(matcher), ms };
}

function watchTies(watch: Watch, process: ProcessControl, inbox: Inbox): void {
  const name = watch.nameOf(process.pid);
  const { undos } = watch;
  undos.push(
    around(process, "monitor", (original, [target, options]) => {
      // A name is nobody any more, or somebody else, by the time that it matters.
      const object = watch.word(typeof target === "string" ? { name: target, node: watch.kernel.own.name } : target);
      const ref = original();
      watch.tell({ kind: "monitor", pid: name(), ref: watch.word(ref), object });
      const mode = isRecord(options) ? options["alias"] : undefined;
      if (typeof mode === "string") watch.tell({ kind: "alias", pid: name(), ref: watch.word(ref), mode });
      return ref;
    }),
    around(process, "demonitor", (original, [ref, options]) => {
      const done = original();
      const isFlushed = isRecord(options) && options["flush"] === true;
      if (isFlushed) inbox.prune();
      watch.tell({ kind: "demonitor", pid: name(), ref: watch.word(ref), isFlushed });
      return done;
    }),
    around(process, "alias", (original, [options]) => {
      const ref = original();
      const mode = isRecord(options) && options["reply"] === true ? "reply" : "explicitUnalias";
      watch.tell({ kind: "alias", pid: name(), ref: watch.word(ref), mode });
      return ref;
    }),
    around(process, "unalias", (original, [ref]) => {
      const done = original();
      if (done === true && ref instanceof Ref) watch.tell({ kind: "unalias", pid: name(), ref: watch.word(ref) });
      return done;
    }),
  );
  undos.push(
    around(process, "monitorNodes", (original, [on]) => {
      if (on === true) watch.tell({ kind: "nodewatch", pid: name(), peer: "*" });
      return original();
    }),
    around(process, "monitorNode", (original, [peer, on]) => {
      if (on === true) watch.tell({ kind: "nodewatch", pid: name(), peer: String(peer) });
      return original();
    }),
  );
  for (const kind of ["link", "unlink"] as const) {
    undos.push(
      around(process, kind, (original, [other]) => {
        if (process.isAlive && other instanceof Pid) watch.tell({ kind, pid: name(), other: watch.word(other) });
        return original();
      }),
    );
  }
}

function watchSpawning(watch: Watch, process: ProcessControl): void {
  for (const name of ["spawn", "spawnLink", "spawnMonitor"]) {
    watch.undos.push(
      around(process, name, (original) => {
        const { spawner } = watch;
        watch.spawner = { pid: watch.word(process.pid), leader: watch.word(process.groupLeader) };
        try {
          const made = original();
          tellTie(watch, process, name, made);
          return made;
        } finally {
          watch.spawner = spawner;
        }
      }),
    );
  }
}

function tellTie(watch: Watch, process: ProcessControl, how: string, made: unknown): void {
  const pid = watch.word(process.pid);
  if (how === "spawnLink") watch.tell({ kind: "link", pid, other: watch.word(made) });
  if (how !== "spawnMonitor" || !isRecord(made)) return;
  watch.tell({ kind: "monitor", pid, ref: watch.word(made["ref"]), object: watch.word(made["pid"]) });
}

function isDown(
  message: unknown,
): message is { readonly ref: Ref; readonly object: unknown; readonly reason: unknown } {
  if (typeof message !== "object" || message === null || !("type" in message) || !("ref" in message)) return false;
  return message.type === "DOWN" && message.ref instanceof Ref && "object" in message && "reason" in message;
}

function isExit(
  value: unknown,
): value is { readonly from: Pid; readonly reason: unknown; readonly isFromLink: boolean } {
  return typeof value === "object" && value !== null && "isFromLink" in value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isOnlyAfter(value: unknown): value is { readonly after: unknown } {
  return isRecord(value) && "after" in value && Object.keys(value).length === 1;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && Object.getPrototypeOf(value) === Object.prototype;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
