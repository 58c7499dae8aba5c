/** Those who mean a node harm, each in its way: who has the cookie and sends bad signals or bad frames, and who has nothing. */
import type { TransportIdentity } from "@otp/core/transport";
import fc from "fast-check";
import { connect } from "nats";
import { onTestFinished } from "vitest";

import { until } from "./clusters.ts";
import { pause } from "./fire.ts";
import { plain, type Scene } from "./media.ts";
import { contentsOf, datagrams, type FramePlan, framesOf } from "./noise-frames.ts";
import { servicesFor } from "./noise-services.ts";
import { binariesFor, noiseFor, type NoisePlan } from "./noise-signals.ts";
import { Outlaw } from "./outlaw.ts";
import { identityOfTraitor, traitor } from "./traitor.ts";

const rowLength = 10;

/** What ended a session, and in which words. */
export interface Finding {
  readonly words: string;
  readonly piece: Piece;
}

/** Something to be sent, as it is written down; `VVVVVVVV` stands for the incarnation of the victim. */
export type Piece =
  | { readonly as: "signals"; readonly bytes: string }
  | { readonly as: "frames"; readonly plans: readonly Plan[] }
  | { readonly as: "datagram"; readonly bytes: string };

type Plan = Omit<FramePlan, "packet"> & {
  readonly packet: (Omit<NonNullable<FramePlan["packet"]>, "body"> & { readonly body: string }) | undefined;
};

/** Somebody who sends noise. */
export interface Attacker {
  /** Sends a row of pieces that follow from `seed`; resolves when they have left. */
  round(seed: number): Promise<void>;
  /** Sends this piece; resolves with the words in which the victim has ended the session, if it has. */
  play(piece: Piece): Promise<string | undefined>;
  /** What was found so far, each kind of words once. */
  readonly findings: ReadonlyMap<string, Finding>;
  readonly sent: number;
  readonly ends: number;
}

/** Whom they mean. */
export interface Victim {
  readonly name: string;
  readonly incarnation: number;
}

/** A peer with the cookie whose signals are bad. */
export function badSignals(scene: Scene, victim: Victim): Promise<Attacker> {
  return noisy(scene, victim, { ...identityOfTraitor, noiseFor });
}

/** A visible peer with the cookie that lies to the services of the node. */
export function badServices(scene: Scene, victim: Victim): Promise<Attacker> {
  return noisy(scene, victim, { name: "liar@host", creation: 98, hidden: false, noiseFor: servicesFor });
}

interface Noisy extends TransportIdentity {
  readonly noiseFor: (plan: NoisePlan) => fc.Arbitrary<Uint8Array>;
}

async function noisy(scene: Scene, victim: Victim, who: Noisy): Promise<Attacker> {
  const peer = await traitor(scene.transport(), victim.name, who);
  const { name, creation } = who;
  const noise = who.noiseFor({ name, creation, victim: victim.name, incarnation: victim.incarnation });
  const findings = new Map<string, Finding>();
  let sent = 0;
  const play = async (piece: Piece): Promise<string | undefined> => {
    if (piece.as !== "signals") return undefined;
    const known = peer.words.length;
    peer.send(bytesOf(piece.bytes, victim));
    await until(() => peer.isUp || peer.words.length > known);
    await settled(() => peer.words.length > known);
    return peer.words[known];
  };
  return {
    findings,
    get sent() {
      return sent;
    },
    get ends() {
      return peer.ends.length;
    },
    play,
    async round(seed) {
      const all = fc.sample(noise, { numRuns: 200, seed });
      for (let at = 0; at < all.length; at += rowLength) {
        const row = all.slice(at, at + rowLength);
        const known = peer.words.length;
        for (const bytes of row) {
          peer.send(bytes);
          sent += 1;
          // Each a batch of its own.
          await turn();
        }
        // What makes no sense ends the session, and with it what was sent behind it: so a little at a time.
        await until(() => peer.isUp || peer.words.length > known);
        await pause(2);
        const words = peer.words[known];
        const pieces = row.map((bytes): Piece => ({ as: "signals", bytes: textOf(bytes, victim) }));
        if (words !== undefined) await note(findings, words, { pieces, play });
      }
    },
  };
}

/** A peer with the cookie whose frames are bad. */
export async function badFrames(scene: Scene, victim: Victim): Promise<Attacker> {
  const { cookie = "", stretch = { N: 2, r: 1, p: 1 } } = plain;
  if (typeof cookie !== "string") throw new Error("no cookie");
  const outlaw = new Outlaw({
    transport: scene.transport(),
    name: "outlaw@host",
    target: victim.name,
    cookie,
    stretch,
  });
  await outlaw.open();
  onTestFinished(() => outlaw.close());
  const plan = { name: "outlaw@host", creation: 77, victim: victim.name, incarnation: victim.incarnation };
  const frames = framesOf(noiseFor(plan), binariesFor(plan));
  const findings = new Map<string, Finding>();
  let sent = 0;
  const say = async (plans: readonly FramePlan[]): Promise<void> => {
    for (const plan of plans) {
      if (!outlaw.isUp) await outlaw.meet();
      const { bytes, isPacket } = contentsOf(plan, outlaw);
      outlaw.say(bytes, isPacket);
      sent += 1;
    }
  };
  const play = async (piece: Piece): Promise<string | undefined> => {
    if (piece.as !== "frames") return undefined;
    // In a session of its own, for what was sent before may have left pieces of signals.
    await outlaw.meet();
    const known = outlaw.ends.length;
    await say(piece.plans.map((plan) => readPlan(plan, victim)));
    await settled(() => outlaw.ends.length > known);
    return outlaw.ends[known];
  };
  return {
    findings,
    get sent() {
      return sent;
    },
    get ends() {
      return outlaw.ends.length;
    },
    play,
    async round(seed) {
      // Some of what it says ends a session without a word.
      await outlaw.meet();
      for (const [at, plans] of fc.sample(frames, { numRuns: 60, seed }).entries()) {
        // Some were no packets in the end, and what comes after a gap is never looked at.
        if (at % 10 === 9) {
          await pause(10);
          outlaw.resume();
        }
        const known = outlaw.ends.length;
        await say(plans);
        await pause(1);
        const words = outlaw.ends[known];
        const piece: Piece = { as: "frames", plans: plans.map((plan) => writePlan(plan, victim)) };
        if (words !== undefined) await note(findings, words, { pieces: [piece], play });
      }
    },
  };
}

/** Somebody without the cookie, who overhears what he can. */
export async function badDatagrams(scene: Scene, victim: Victim): Promise<Attacker> {
  const { wire } = scene;
  const overheard: Uint8Array[] = [];
  let sent = 0;
  let send: (bytes: Uint8Array, at: number) => void;
  if (wire === undefined) {
    const transports = await Promise.all(
      ["stranger", "nobody", "x"].map(async (name) => {
        const transport = scene.transport();
        const silent = () => undefined;
        const events = { datagram: silent, unreachable: silent, status: silent, closed: silent };
        await transport.open({ name: `${name}@host`, creation: 5, hidden: true }, events);
        onTestFinished(() => transport.close());
        return transport;
      }),
    );
    send = (bytes, at) => transports[at % transports.length]?.send(victim.name, Uint8Array.from(bytes));
  } else {
    const nats = await connect({ servers: wire.servers, noEcho: true });
    onTestFinished(() => nats.close());
    nats.subscribe(`otp.${wire.cluster}.>`, {
      callback: (_error, { data }) => {
        if (overheard.push(Uint8Array.from(data)) > 200) overheard.shift();
      },
    });
    const token = (name: string): string => name.replace("@", "=40");
    const names = ["friend@host", "outlaw@host", "traitor@host", "stranger@host", "x@host", victim.name];
    send = (bytes, at) => {
      const from = token(names[at % names.length] ?? "");
      nats.publish(`otp.${wire.cluster}.to.${token(victim.name)}.from.${from}`, bytes);
    };
  }
  return {
    findings: new Map(),
    get sent() {
      return sent;
    },
    ends: 0,
    play: async (piece) => {
      if (piece.as === "datagram") send(bytesOf(piece.bytes, victim), 0);
      return undefined;
    },
    async round(seed) {
      for (const [at, bytes] of fc.sample(datagrams([...overheard]), { numRuns: 200, seed }).entries()) {
        send(bytes, at);
        sent += 1;
        if (sent % 20 === 0) await pause(1);
      }
    },
  };
}

/** Words without what differs from time to time. */
function kindOf(words: string): string {
  return words
    .replaceAll(/#(?:PID|Reference)<[^>]*>/gu, "<…>")
    .replaceAll(/"[^"]*"?/gu, "…")
    .replaceAll(/\d+/gu, "N")
    .slice(0, 160);
}

interface Suspects {
  readonly pieces: readonly Piece[];
  readonly play: Attacker["play"];
}

/** Finds out which of the pieces it was, the first time that a session ends in such words. */
async function note(findings: Map<string, Finding>, words: string, { pieces, play }: Suspects): Promise<void> {
  const kind = kindOf(words);
  if (findings.has(kind)) return;
  for (const piece of pieces) {
    const again = await play(piece);
    if (again !== undefined && kindOf(again) === kind) {
      findings.set(kind, { words: kind, piece });
      return;
    }
  }
}

/** Gives the victim some time to end the session. */
async function settled(isOver: () => boolean): Promise<void> {
  for (let ms = 0; ms < 150 && !isOver(); ms += 5) await pause(5);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function markOf({ incarnation }: Victim): string {
  return incarnation.toString(16).padStart(8, "0");
}

function textOf(bytes: Uint8Array, victim: Victim): string {
  return Buffer.from(bytes).toString("hex").replaceAll(markOf(victim), "VVVVVVVV");
}

function bytesOf(text: string, victim: Victim): Uint8Array {
  return Buffer.from(text.replaceAll("VVVVVVVV", markOf(victim)), "hex");
}

function writePlan({ packet, ...rest }: FramePlan, victim: Victim): Plan {
  return { ...rest, packet: packet === undefined ? undefined : { ...packet, body: textOf(packet.body, victim) } };
}

function readPlan({ packet, ...rest }: Plan, victim: Victim): FramePlan {
  return { ...rest, packet: packet === undefined ? undefined : { ...packet, body: bytesOf(packet.body, victim) } };
}
