/**
 * A peer that has the cookie and puts into its frames whatever it is told to: the second implementation of the protocol,
 * written after `docs/protocol.md` and sharing no code with the first.
 */
import { createHash, scryptSync } from "node:crypto";

import type { Transport } from "@otp/core/transport";

import { gcm, OutlawHandshake, protocol, ungcm } from "./outlaw-handshake.ts";

/** Who it is, whom it meets, and how. */
export interface OutlawOptions {
  readonly transport: Transport;
  readonly name: string;
  readonly target: string;
  readonly cookie: string;
  /** What the cookie is stretched with. */
  readonly stretch: { readonly N: number; readonly r: number; readonly p: number };
  /** The version it speaks; this one by default. */
  readonly version?: number;
  /** The features it offers, and what else it says of itself, that this version does not know; nothing by default. */
  readonly offers?: { readonly features: number; readonly more: Uint8Array };
}

interface Session {
  readonly id: Uint8Array;
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
  counter: number;
  /** The sequence number of the next packet. */
  sequence: number;
  /** What the other side has acknowledged. */
  acknowledged: number;
  /** The highest counter of the other side. */
  heard: number;
  /** The next packet of the other side that is missing. */
  next: number;
  readonly early: Set<number>;
  isUp: boolean;
}

/** The peer; nothing is sent before `meet`. */
export class Outlaw {
  readonly #options: OutlawOptions;
  readonly #psk: Uint8Array;
  #handshake: OutlawHandshake | undefined;
  #session: Session | undefined;
  #wake: (() => void) | undefined;
  /** Why sessions have ended, in the words of the other side. */
  readonly ends: string[] = [];
  /** The features that the other side has offered. */
  features: number | undefined;
  /** Its refusals: the version it speaks, and the reason. */
  readonly refusals: { readonly version: number; readonly reason: number }[] = [];

  constructor(options: OutlawOptions) {
    this.#options = options;
    const salt = `otp-ts distribution 1 ${protocol} cookie`;
    this.#psk = scryptSync(options.cookie, salt, 32, options.stretch);
  }

  async open(): Promise<void> {
    await this.#options.transport.open(
      { name: this.#options.name, creation: 77, hidden: true },
      {
        datagram: (from, bytes) => {
          if (from === this.#options.target) this.#datagram(Buffer.from(bytes));
        },
        unreachable: () => undefined,
        status: () => undefined,
        closed: () => undefined,
      },
    );
  }

  get isUp(): boolean {
    return this.#session?.isUp === true;
  }

  /** The sequence number that the next packet should have. */
  get sequence(): number {
    return this.#session?.sequence ?? 0;
  }

  /** What it may truly acknowledge: the next packet it misses, and the highest frame it has. */
  get heard(): { readonly next: number; readonly frame: number } {
    return { next: this.#session?.next ?? 0, frame: Math.max(0, this.#session?.heard ?? 0) };
  }

  /** Makes a session, repeating its invitation until there is one, or a refusal. */
  async meet(): Promise<void> {
    this.#session = undefined;
    this.#handshake = new OutlawHandshake(this.#psk, this.#options);
    while (!this.isUp && this.refusals.length === 0) {
      // With a session there is an answer, so it is its first frame that may be lost.
      if (this.#session === undefined) this.#write(this.#handshake.invitation);
      else this.#seal(this.#session, 0);
      await this.#news(500);
    }
  }

  /** Sends a frame with these contents. `isPacket` tells that it takes the next sequence number. */
  say(contents: Uint8Array, isPacket: boolean): void {
    const session = this.#session;
    if (session?.isUp !== true) return;
    if (isPacket) session.sequence += 1;
    this.#write(sealed(session, contents));
  }

  /** Goes on where the other side waits: what was sent since its last acknowledgement is forgotten. */
  resume(): void {
    if (this.#session !== undefined) this.#session.sequence = Math.max(1, this.#session.acknowledged);
  }

  close(): Promise<void> {
    return this.#options.transport.close();
  }

  async #news(mostMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #datagram(bytes: Buffer): void {
    if (bytes[0] === 0x12 && this.#session === undefined) this.#answer(bytes);
    else if (bytes[0] === 0x10) this.#frame(bytes);
    else if (bytes[0] === 0x13) {
      this.refusals.push({ version: bytes[1] ?? 0, reason: bytes[10] ?? 0 });
      this.#wake?.();
    }
  }

  #answer(bytes: Buffer): void {
    const keys = this.#handshake?.accept(bytes);
    if (keys === undefined) return;
    const id = createHash("sha256").update("otp-ts session").update(keys.hash).digest().subarray(0, 8);
    this.features = keys.features;
    const early = new Set<number>();
    this.#session = { ...keys, id, counter: 0, sequence: 0, acknowledged: 0, heard: -1, next: 0, early, isUp: false };
    this.#seal(this.#session, 0);
    this.#session.sequence = 1;
  }

  #seal(session: Session, sequence: number): void {
    const contents = Buffer.from([2, 0, 0, 0, 0, 0, 0, 3]);
    contents.writeUIntBE(sequence, 1, 6);
    this.#write(sealed(session, contents));
  }

  #frame(bytes: Buffer): void {
    const session = this.#session;
    if (session === undefined || !bytes.subarray(1, 9).equals(session.id)) return;
    const contents = opened(session.receive, bytes);
    if (contents === undefined) return;
    session.heard = Math.max(session.heard, Number(bytes.readBigUInt64BE(9)));
    const flags = contents[0] ?? 0;
    if (flags === 4) return this.#end(session, contents.subarray(1).toString());
    if (!session.isUp) {
      session.isUp = true;
      this.#wake?.();
    }
    if ((flags & 1) !== 0) session.acknowledged = Math.max(session.acknowledged, contents.readUIntBE(1, 6));
    if ((flags & 2) === 0) return;
    const at = (flags & 1) === 0 ? 1 : 18 + 8 * (contents[17] ?? 0);
    session.early.add(contents.readUIntBE(at, 6));
    while (session.early.delete(session.next)) session.next += 1;
    if (contents[at + 6] === 4) this.#end(session, contents.subarray(at + 7).toString());
  }

  #end(session: Session, why: string): void {
    session.isUp = false;
    this.#session = undefined;
    this.ends.push(why);
  }

  #write(datagram: Uint8Array): void {
    this.#options.transport.send(this.#options.target, Uint8Array.from(datagram));
  }
}

function sealed(session: Session, contents: Uint8Array): Uint8Array {
  const head = Buffer.alloc(17, 0x10);
  head.set(session.id, 1);
  head.writeBigUInt64BE(BigInt(session.counter), 9);
  const frame = Buffer.concat([head, gcm(session.send, session.counter, head, contents)]);
  session.counter += 1;
  return frame;
}

function opened(key: Uint8Array, frame: Buffer): Buffer | undefined {
  return ungcm(key, Number(frame.readBigUInt64BE(9)), frame.subarray(0, 17), frame.subarray(17));
}
