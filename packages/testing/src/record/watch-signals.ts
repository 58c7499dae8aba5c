/** What a node says to others and hears from them, and when it has a connection. */
import { Node, Pid, Ref } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";

import { around } from "./around.ts";
import type { Watch } from "./watch.ts";

/** Tells of signals and connections from here on. */
export function watchSignals(watch: Watch): void {
  const { kernel, undos } = watch;
  undos.push(
    around(kernel.services, "route", (original, [peer, signal]) => {
      const result = original();
      // What cannot cross has thrown by now, and was never sent.
      tellSignal(watch, "out", String(peer), signal);
      return result;
    }),
  );
  const { host } = kernel;
  if (!(host instanceof Node)) return;
  const peers = Inner.peersOf(host);
  for (const peer of peers.list("connected")) watch.tell({ kind: "up", peer, isOld: true });
  undos.push(
    around(peers, "up", (original, [channel]) => {
      watch.tell({ kind: "up", peer: peerOf(channel) });
      return original();
    }),
    around(peers, "lost", (original, [channel]) => {
      const peer = peerOf(channel);
      if (peers.channelTo(peer) === channel) watch.tell({ kind: "lost", peer });
      return original();
    }),
    around(peers, "signal", (original, [channel, signal]) => {
      const peer = peerOf(channel);
      if (peers.channelTo(peer) !== channel) return original();
      tellSignal(watch, "in", peer, signal);
      const { sender } = watch;
      watch.sender = senderOf(watch, signal);
      try {
        return original();
      } finally {
        watch.sender = sender;
      }
    }),
  );
}

/** Whose message a signal is, if it is one. */
function senderOf(watch: Watch, signal: unknown): string | undefined {
  if (!isRecord(signal) || !String(signal["op"]).startsWith("send")) return undefined;
  return signal["from"] instanceof Pid ? watch.word(signal["from"]) : undefined;
}

function peerOf(channel: unknown): string {
  const peer = isRecord(channel) ? channel["peer"] : undefined;
  return isRecord(peer) ? String(peer["name"]) : "";
}

function tellSignal(watch: Watch, kind: "out" | "in", peer: string, signal: unknown): void {
  if (!isRecord(signal)) return;
  const { op, from, to, ...rest } = signal;
  watch.tell({
    kind,
    peer,
    op: String(op),
    from: wordOf(watch, from),
    to: wordOf(watch, to),
    text: textOf(watch, rest),
  });
}

function wordOf(watch: Watch, value: unknown): string {
  return value instanceof Pid || value instanceof Ref ? watch.word(value) : String(value);
}

/** What both ends can know of the rest: what may be written in another way after the trip is left out. */
function textOf(watch: Watch, { ref, id, message, reason }: Readonly<Record<string, unknown>>): string {
  const words = [ref, id].filter((part) => part !== undefined).map((part) => watch.word(part));
  for (const part of [message, reason]) if (part !== undefined) words.push(plainly(watch, part));
  return words.join(" ");
}

function plainly(watch: Watch, value: unknown): string {
  const words = watch.word(value);
  // Long values are cut, errors print with their stacks, and what stands for a call or a function is made anew on the way.
  return words.length > 200 || /Error|\$from|\[Function|\[class|Symbol\(|\n/u.test(words) ? "…" : words;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
