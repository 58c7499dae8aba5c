/**
 * A peer that has the cookie and puts into its frames whatever it is told to: the second implementation of the protocol,
 * written after `docs/protocol.md` and sharing no code with the first.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  scryptSync,
} from "node:crypto";

import type { Transport } from "@otp/core/transport";

const protocol = "Noise_NNpsk0_25519_AESGCM_SHA256";
const spki = Buffer.from("302a300506032b656e032100", "hex");

/** Who it is, whom it meets, and how. */
export interface OutlawOptions {
  readonly transport: Transport;
  readonly name: string;
  readonly target: string;
  readonly cookie: string;
  /** What the cookie is stretched with. */
  readonly stretch: { readonly N: number; readonly r: number; readonly p: number };
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
  #handshake: Handshake | undefined;
  #session: Session | undefined;
  #wake: (() => void) | undefined;
  /** Why sessions have ended, in the words of the other side. */
  readonly ends: string[] = [];

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

  /** Makes a session, repeating its invitation until there is one. */
  async meet(): Promise<void> {
    const { name, target } = this.#options;
    this.#session = undefined;
    this.#handshake = new Handshake(this.#psk, name, target);
    while (!this.isUp) {
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
  }

  #answer(bytes: Buffer): void {
    const keys = this.#handshake?.accept(bytes);
    if (keys === undefined) return;
    const id = createHash("sha256").update("otp-ts session").update(keys.hash).digest().subarray(0, 8);
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

/** The initiator's half of `Noise_NNpsk0_25519_AESGCM_SHA256`. */
class Handshake {
  readonly invitation: Uint8Array;
  readonly #secret: KeyObject;
  readonly #own: Uint8Array;
  readonly #hash: Uint8Array;
  readonly #chain: Uint8Array;

  constructor(psk: Uint8Array, initiator: string, responder: string) {
    const pair = generateKeyPairSync("x25519");
    this.#secret = pair.privateKey;
    this.#own = pair.publicKey.export({ format: "der", type: "spki" }).subarray(spki.length);
    const named = [initiator, responder].flatMap((name) => [u16(Buffer.byteLength(name)), Buffer.from(name)]);
    const prologue = Buffer.concat([Buffer.from("otp-ts"), Buffer.of(1), ...named]);
    let hash = sha(Buffer.from(protocol), prologue);
    let [chain, mixed] = hkdf(Buffer.from(protocol), psk);
    hash = sha(sha(hash, mixed), this.#own);
    let key: Uint8Array;
    [chain, key] = hkdf(chain, this.#own);
    const introduction = Buffer.from([0, 0, 0, 77, 1, 0, 0, 0, 0]);
    const payload = gcm(key, 0, hash, introduction);
    this.#hash = sha(hash, payload);
    this.#chain = chain;
    this.invitation = Buffer.concat([Buffer.of(0x11, 1), this.#own, payload]);
  }

  accept(answer: Buffer): (Pick<Session, "send" | "receive"> & { readonly hash: Uint8Array }) | undefined {
    if (answer.length < 58 || !answer.subarray(2, 10).equals(this.#own.subarray(0, 8))) return undefined;
    const theirs = answer.subarray(10, 42);
    const publicKey = createPublicKey({ key: Buffer.concat([spki, theirs]), format: "der", type: "spki" });
    const shared = diffieHellman({ privateKey: this.#secret, publicKey });
    let hash = sha(this.#hash, theirs);
    let [chain] = hkdf(this.#chain, theirs);
    let key: Uint8Array;
    [chain, key] = hkdf(chain, shared);
    const payload = answer.subarray(42);
    const said = ungcm(key, 0, hash, payload);
    // Anything but a welcome is as good as no answer.
    if (said?.[0] !== 0) return undefined;
    hash = sha(hash, payload);
    const [send, receive] = hkdf(chain, Buffer.alloc(0));
    return { hash, send, receive };
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

function gcm(key: Uint8Array, counter: number, associated: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, nonce(counter));
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function ungcm(key: Uint8Array, counter: number, associated: Uint8Array, sealedBytes: Buffer): Buffer | undefined {
  if (sealedBytes.length < 16) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce(counter), { authTagLength: 16 });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealedBytes.subarray(-16));
  const plain = decipher.update(sealedBytes.subarray(0, -16));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

function nonce(counter: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(counter), 4);
  return bytes;
}

function hkdf(chain: Uint8Array, material: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const mac = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array => {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const temporary = mac(chain, material);
  const first = mac(temporary, Buffer.of(1));
  const second = mac(temporary, first, Buffer.of(2));
  return [first, second, mac(temporary, second, Buffer.of(3))];
}

function sha(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function u16(value: number): Uint8Array {
  return Buffer.of(value >> 8, value & 255);
}
