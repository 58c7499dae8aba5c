/**
 * All connections of one node over one transport.
 *
 * Here datagrams come in from the medium, from whomever, and are handed to what there is with the peer they claim to come
 * from. A stranger costs a bounded amount of work and no memory: nothing is kept for a name until its owner has proved the
 * cookie (TR-6).
 */
import { ArgumentError, TransportError } from "../base/errors.ts";
import { hostSecrecy, type Secrecy } from "../runtime/secrecy.ts";
import type { Channel, LossCause } from "./channel.ts";
import type { ConnectionSettings } from "./connection-host.ts";
import type {
  Distribution,
  DistributionCounters,
  DistributionEvents,
  DistributionLog,
  DistributionOptions,
} from "./contract.ts";
import { CookieKeys, defaultStretch } from "./cookie.ts";
import {
  handshakeKind,
  Invited,
  isInvitation,
  prologueOf,
  protocolVersion,
  refusalReason,
  writeRefusal,
} from "./handshake.ts";
import { contentsHeadMax } from "./packet.ts";
import { type LinkHost, PeerLink } from "./peer-link.ts";
import { OncePerName, TokenBucket } from "../base/rate-limit.ts";
import { sealOverhead } from "./seal.ts";
import type { Tally } from "./session.ts";
import type { TransportEvents } from "./transport.ts";

const packetMost = 64 * 1024;
const packetLeast = 256;
const warnEveryMs = 60_000;
const warningsMost = 16;
const nameMax = 1_024;
const checksAtOnce = 500;
const checksPerSecond = 2_000;
const answersAtOnce = 64;
const answersPerSecond = 64;
const refusalsAtOnce = 16;
const refusalsPerSecond = 16;
const probesPerSecond = 8;

type MutableSettings = { -readonly [Key in keyof ConnectionSettings]: ConnectionSettings[Key] };

/** Makes the distribution of a node; nothing happens before `open`. */
export function createDistribution(options: DistributionOptions): Distribution {
  return new NodeDistribution(options);
}

class NodeDistribution implements Distribution, LinkHost, TransportEvents {
  readonly runtime: DistributionOptions["runtime"];
  readonly transport: DistributionOptions["transport"];
  readonly codec: DistributionOptions["codec"];
  readonly own: DistributionOptions["identity"];
  readonly events: DistributionEvents;
  readonly setupTimeMs: number;
  readonly settings: MutableSettings;
  readonly tally: Tally = noTally();
  isMediumUp = true;
  readonly #log: DistributionLog;
  readonly #cookieFor: (peer: string) => string;
  readonly #secrecy: Secrecy;
  readonly #keys: CookieKeys;
  readonly #links = new Map<string, PeerLink>();
  readonly #checks = new TokenBucket(checksAtOnce, checksPerSecond);
  readonly #answers = new TokenBucket(answersAtOnce, answersPerSecond);
  readonly #refusals = new TokenBucket(refusalsAtOnce, refusalsPerSecond);
  // Names can be invented, so their number is bounded, too; who is refused is told apart from who merely makes noise.
  readonly #warnings = new OncePerName(warnEveryMs, warningsMost);
  readonly #rejections = new OncePerName(warnEveryMs, warningsMost);
  #isClosed = false;
  #flushed: (() => void) | undefined;

  constructor(options: DistributionOptions) {
    this.runtime = options.runtime;
    this.transport = options.transport;
    this.codec = options.codec;
    this.own = options.identity;
    this.events = options.events;
    this.setupTimeMs = options.setupTimeMs ?? 7_000;
    const links = this.#links;
    this.settings = {
      packetMax: packetMost,
      tickTimeMs: options.tickTimeMs ?? 60_000,
      goneAfterMs: options.goneAfterMs ?? 2_000,
      get probeEveryMs() {
        return (links.size / probesPerSecond) * 1_000;
      },
      maxBufferBytes: options.maxBufferBytes ?? 128 * 1024 * 1024,
      maxMessageBytes: options.maxMessageBytes ?? 256 * 1024 * 1024,
      highWaterBytes: options.highWaterBytes ?? 4 * 1024 * 1024,
    };
    this.#log = options.log;
    this.#cookieFor = options.cookieFor;
    this.#secrecy = options.runtime.secrecy ?? hostSecrecy;
    this.#keys = new CookieKeys(options.stretch ?? defaultStretch, this.#secrecy);
  }

  async open(): Promise<void> {
    // Before others can see the node: this takes a moment, and may fail for want of a cookie.
    this.keyFor(this.own.name);
    await this.transport.open(this.own, this);
    if (this.#fitPackets()) return;
    await this.transport.close();
    const least = packetLeast + sealOverhead + contentsHeadMax;
    throw new TransportError(
      `expected a medium that carries datagrams of ${least} bytes or more. Got: ${this.transport.maxDatagram} (${this.transport.kind})`,
    );
  }

  connect(peer: string): Channel {
    if (peer === this.own.name) throw new ArgumentError(`expected another node's name. Got the own one: ${peer}`);
    if (this.#isClosed) throw new TransportError(`cannot connect to ${peer}: this node is being stopped`);
    return this.#linkTo(peer).connect();
  }

  channelTo(peer: string): Channel | undefined {
    return this.#links.get(peer)?.established;
  }

  disconnect(peer: string, cause: LossCause): boolean {
    return this.#links.get(peer)?.disconnect(cause) ?? false;
  }

  doubt(peer: string): void {
    this.#links.get(peer)?.doubt(this.runtime.now());
  }

  setTickTime(ms: number): void {
    this.settings.tickTimeMs = ms;
    for (const link of this.#links.values()) link.retime(this.runtime.now());
  }

  discover(): Promise<readonly string[]> {
    return this.transport.discover();
  }

  counters(): DistributionCounters {
    return { ...this.tally };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const link of this.#links.values()) link.disconnect({ kind: "stopped", detail: "this node is being stopped" });
    if (this.#isFlushing) {
      await new Promise<void>((resolve) => {
        this.#flushed = resolve;
      });
    }
    await this.transport.close();
    this.#cut({ kind: "stopped", detail: "this node is being stopped" });
  }

  // What the transport tells.

  datagram(from: string, bytes: Uint8Array): void {
    const now = this.runtime.now();
    const { forged } = this.tally;
    if (from === this.own.name) this.#warn(from, "somebody else on the medium uses this node's name");
    else if (bytes[0] === handshakeKind.invitation) this.#invitation(from, bytes, now);
    else this.#deliver(from, bytes, now);
    if (this.tally.forged > forged) this.#warn(from, `dropped what is not an authentic frame of ${from}`);
  }

  unreachable(peer: string): void {
    this.#links.get(peer)?.absent(this.runtime.now());
  }

  status(status: "up" | "down", detail: string): void {
    this.#log.info({ medium: this.transport.kind, detail }, `the medium is ${status}: ${detail}`);
    this.isMediumUp = status === "up";
    const before = this.settings.packetMax;
    if (this.isMediumUp && this.#fitPackets() && this.settings.packetMax < before) {
      // Packets that are under way no longer fit, so their sessions cannot go on.
      const detailOfLoss = `the medium came back and carries datagrams of ${this.transport.maxDatagram} bytes only`;
      for (const link of this.#links.values()) link.disconnect({ kind: "transport_closed", detail: detailOfLoss });
    }
    for (const link of this.#links.values()) link.mediumChanged(this.runtime.now());
  }

  closed(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cut({ kind: "transport_closed", detail: error?.message ?? `${this.transport.kind} was closed` });
    this.events.closed(error);
  }

  // What the links need.

  keyFor(peer: string): Uint8Array {
    return this.#keys.keyOf(this.#cookieFor(peer));
  }

  probe(peer: string): void {
    this.tally.probesSent += 1;
    this.transport.probe(peer);
  }

  mayAnswer(now: number): boolean {
    return this.#answers.take(now);
  }

  refused(peer: string, why: string): void {
    this.tally.refusals += 1;
    const text = `connection attempt from node ${peer} rejected: ${why}`;
    if (this.#rejections.allow(text, this.runtime.now())) this.#log.error({ event: "connection_rejected", peer }, text);
  }

  idle(link: PeerLink): void {
    if (this.#links.get(link.name) === link) this.#links.delete(link.name);
    if (!this.#isFlushing) this.#flushed?.();
  }

  get #isFlushing(): boolean {
    return [...this.#links.values()].some((link) => link.isFlushing);
  }

  #linkTo(peer: string): PeerLink {
    let link = this.#links.get(peer);
    if (link === undefined) {
      link = new PeerLink(this, peer);
      this.#links.set(peer, link);
    }
    return link;
  }

  #deliver(from: string, bytes: Uint8Array, now: number): void {
    const link = this.#links.get(from);
    if (link === undefined) this.tally.stale += 1;
    else link.datagram(bytes, now);
  }

  #invitation(from: string, bytes: Uint8Array, now: number): void {
    if (this.#isClosed) return;
    if (!isInvitation(bytes) || from.length > nameMax) {
      this.tally.forged += 1;
    } else if (bytes[1] !== protocolVersion) {
      this.#refuse(from, bytes, {
        reason: refusalReason.version,
        why: "it speaks another version of the protocol",
        now,
      });
    } else if (this.#links.get(from)?.settles(bytes) !== true && this.#checks.take(now)) {
      const prologue = prologueOf({ initiator: from, responder: this.own.name });
      const invited = Invited.read({ psk: this.keyFor(from), prologue, secrecy: this.#secrecy }, bytes);
      if (invited !== undefined) this.#linkTo(from).invited(invited, bytes, now);
      else this.#refuse(from, bytes, { reason: refusalReason.cookie, why: "it does not know this node's cookie", now });
    }
  }

  #refuse(from: string, bytes: Uint8Array, { reason, why, now }: { reason: number; why: string; now: number }): void {
    this.refused(from, why);
    if (this.#refusals.take(now)) this.transport.send(from, writeRefusal(bytes, reason));
  }

  #warn(peer: string, text: string): void {
    if (this.#warnings.allow(`${peer} ${text}`, this.runtime.now())) this.#log.warn({ peer }, text);
  }

  #fitPackets(): boolean {
    const room = this.transport.maxDatagram - sealOverhead - contentsHeadMax;
    if (room < packetLeast) return false;
    this.settings.packetMax = Math.min(packetMost, room);
    return true;
  }

  #cut(cause: LossCause): void {
    for (const link of this.#links.values()) link.cut(cause);
    this.#links.clear();
  }
}

function noTally(): Tally {
  return {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    signalsReceived: 0,
    retransmitted: 0,
    duplicates: 0,
    forged: 0,
    replayed: 0,
    stale: 0,
    refusals: 0,
    probesSent: 0,
  };
}
