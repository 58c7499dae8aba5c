/**
 * Everything between this node and one other: at most one connection, the attempt to make it, invitations of the peer.
 *
 * Both sides may begin at once. Then the attempt of the node with the greater name counts: that node ignores the other's
 * invitation, the other one answers and lets its own rest. Whoever has answered and then wants to connect gives what it
 * answered a moment to come to something.
 *
 * A peer that comes with another incarnation number has been restarted, or a second node has taken its name. The
 * connection that is there is asked for a sign of life: if one comes, the newcomer is refused (NODE-19), else it replaces
 * what was there.
 */
import { hostSecrecy } from "../runtime/secrecy.ts";
import { Attempt } from "./attempt.ts";
import { Challenge } from "./challenge.ts";
import type { LossCause, Peer } from "./channel.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHost, ConnectionNode } from "./connection-host.ts";
import { HalfOpen } from "./half-open.ts";
import {
  type Answer,
  handshakeKind,
  type Introduction,
  Invitation,
  invitationKey,
  type Invited,
  prologueOf,
  verdict,
} from "./handshake.ts";
import type { NoiseKeys, NoisePremise } from "./noise.ts";
import { sealedKind } from "./seal.ts";
import { Session } from "./session.ts";

/** What a link needs of the distribution. */
export interface LinkHost extends ConnectionNode {
  readonly own: Introduction & { readonly name: string };
  readonly setupTimeMs: number;
  /** The stretched cookie for a peer. */
  keyFor(peer: string): Uint8Array;
  /** Whether another invitation may be answered now; public-key operations are not for nothing. */
  mayAnswer(now: number): boolean;
  /** An invitation of `peer` was refused. */
  refused(peer: string, why: string): void;
  /** Nothing is left of the link. */
  idle(link: PeerLink): void;
}

const yieldMs = 300;

/** All there is with one peer. */
export class PeerLink implements ConnectionHost {
  readonly name: string;
  readonly node: LinkHost;
  readonly #halfOpen: HalfOpen;
  readonly #flushing = new Set<Connection>();
  #connection: Connection | undefined;
  #attempt: Attempt | undefined;
  /** When the peer has answered the attempt. */
  #answeredAt = 0;
  #isReplacing = false;
  readonly #challenge = new Challenge();

  constructor(node: LinkHost, name: string) {
    this.name = name;
    this.node = node;
    this.#halfOpen = new HalfOpen(node.runtime, 2 * node.setupTimeMs, () => this.#checkIdle());
  }

  /** The established connection. */
  get established(): Connection | undefined {
    return this.#connection?.state === "up" ? this.#connection : undefined;
  }

  /** Whether a connection is still being flushed. */
  get isFlushing(): boolean {
    return this.#flushing.size > 0;
  }

  /** The connection, begun if there is none. */
  connect(): Connection {
    if (this.#connection === undefined) {
      // Fails, if it has to, before anything has been begun.
      this.node.keyFor(this.name);
      this.#connection = new Connection(this, this.name);
      this.#begin();
    }
    return this.#connection;
  }

  /** Ends the connection or the attempt; false if there is none. */
  disconnect(cause: LossCause): boolean {
    const connection = this.#connection;
    connection?.close(cause);
    return connection !== undefined;
  }

  /** Ends everything at once and without a word to the peer, for there is no medium any more. */
  cut(cause: LossCause): void {
    this.#connection?.lose(cause);
    for (const connection of this.#flushing) connection.lose(cause);
    this.#halfOpen.clear();
  }

  /** The medium says that nobody listens for the peer. */
  absent(now: number): void {
    this.#attempt?.absent(now);
    this.#connection?.absent(now);
    for (const connection of this.#flushing) connection.absent(now);
  }

  /** Another node doubts that the peer is there. */
  doubt(now: number): void {
    this.established?.doubt(now);
  }

  /** The medium went away or came back. */
  mediumChanged(now: number): void {
    this.#connection?.mediumChanged(now);
    for (const connection of this.#flushing) connection.mediumChanged(now);
  }

  /** The times have changed. */
  retime(now: number): void {
    this.#connection?.retime(now);
  }

  /** A sealed frame, an answer or a refusal. */
  datagram(bytes: Uint8Array, now: number): void {
    switch (bytes[0]) {
      case sealedKind:
        return this.#sealed(bytes, now);
      case handshakeKind.answer:
        return this.#attempt?.answer(bytes);
      case handshakeKind.refusal:
        return this.#attempt?.refuse(bytes, now);
      default:
        this.node.tally.forged += 1;
    }
  }

  /** Takes care of an invitation for which nothing has to be computed: one that was seen before, or has to give way. */
  settles(message: Uint8Array): boolean {
    const key = invitationKey(message);
    const answer = this.#halfOpen.answerTo(key);
    if (answer !== undefined) this.node.transport.send(this.name, new Uint8Array(answer));
    if (answer !== undefined || this.#halfOpen.wasUsed(key)) return true;
    return this.#attempt?.isAnswered === false && this.#isPreferred;
  }

  /** Answers an invitation that is authentic and that `settles` has left. */
  invited(invited: Invited, message: Uint8Array, now: number): void {
    if (this.#isMine(invited.peer)) return;
    const { own } = this.node;
    const said = this.#judge(invited.peer, now);
    if (said === undefined || !this.node.mayAnswer(now)) return this.#checkIdle();
    const text = said === verdict.nameClash ? "a node of that name is connected and alive" : "";
    const answered = invited.answer(this.node.runtime.randomBytes(32), { verdict: said, self: own, text });
    if (answered === undefined) return;
    this.node.transport.send(this.name, new Uint8Array(answered.message));
    if (said !== verdict.welcome) return this.node.refused(this.name, text);
    const peer: Peer = { name: this.name, creation: invited.peer.creation, hidden: invited.peer.hidden };
    const session = this.#session(answered.keys);
    this.#halfOpen.add({ key: invitationKey(message), peer, session, answer: answered.message });
    this.#attempt?.suspend(now);
  }

  confirmed(connection: Connection): void {
    this.#endAttempt();
    // The peer has dropped what it had begun itself; its last word about that may still be on its way.
    this.#halfOpen.forgetUntil(this.#answeredAt);
    this.node.events.up(connection);
  }

  over(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
    if (connection.state === "closing") this.#flushing.add(connection);
    this.#challenge.end();
    this.#checkIdle();
  }

  abandon(connection: Connection, cause: LossCause): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#endAttempt();
    connection.discard(`${cause.kind}: ${cause.detail}`);
    this.node.events.refused(this.name, cause);
    this.#checkIdle();
  }

  ended(connection: Connection): void {
    this.#flushing.delete(connection);
    this.#checkIdle();
  }

  // The same incarnation of the peer has answered this node's invitation, and that is the one that counts.
  #isMine({ creation }: Introduction): boolean {
    const isAnswered = this.#attempt?.isAnswered === true && this.#connection?.peer.creation === creation;
    return isAnswered && this.#isPreferred;
  }

  get #isPreferred(): boolean {
    return this.node.own.name > this.name;
  }

  #begin(): void {
    const { runtime, transport, setupTimeMs, own } = this.node;
    this.#attempt = new Attempt({
      runtime,
      transport,
      probe: () => this.node.probe(this.name),
      peer: this.name,
      setupTimeMs,
      delayMs: this.#halfOpen.isEmpty ? 0 : yieldMs,
      invitation: () => {
        const names = { initiator: own.name, responder: this.name };
        const psk = this.node.keyFor(this.name);
        const premise: NoisePremise = { psk, prologue: prologueOf(names), secrecy: runtime.secrecy ?? hostSecrecy };
        return new Invitation(premise, runtime.randomBytes(32), own);
      },
      answered: (answer) => this.#answered(answer),
      failed: (cause) => {
        if (this.#connection !== undefined) this.abandon(this.#connection, cause);
      },
    });
    this.#attempt.start();
  }

  #answered({ verdict: said, peer, text, keys }: Answer): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (said === verdict.welcome) {
      this.#answeredAt = this.node.runtime.now();
      return connection.begin(this.#session(keys), { name: this.name, creation: peer.creation, hidden: peer.hidden });
    }
    const kind = said === verdict.nameClash ? "name_clash" : "refused";
    this.abandon(connection, { kind, detail: text });
  }

  #sealed(frame: Uint8Array, now: number): void {
    if (this.#connection?.session?.owns(frame) === true) return this.#connection.receive(frame, now);
    for (const connection of this.#flushing) {
      if (connection.session?.owns(frame) === true) return connection.receive(frame, now);
    }
    const claimed = this.#halfOpen.peerOf(frame);
    if (claimed === undefined) {
      this.node.tally.stale += 1;
      return;
    }
    if (this.#isMine(claimed)) return;
    const confirmed = this.#halfOpen.confirm(frame, now);
    if (confirmed === undefined) return;
    const { peer, session, contents } = confirmed;
    this.#isReplacing = true;
    this.#replace(peer);
    this.#isReplacing = false;
    this.#endAttempt();
    this.#connection ??= new Connection(this, this.name);
    const connection = this.#connection;
    connection.adopt(session, peer);
    this.node.events.up(connection);
    connection.handle(contents, now);
    // At once, for the peer's side is not established before it hears this.
    if (connection.state === "up") session.tick(now);
  }

  #replace(peer: Peer): void {
    const before = this.established;
    if (before === undefined) return;
    const isSame = before.peer.creation === peer.creation;
    before.lose(
      isSame
        ? { kind: "peer_disconnect", detail: "the peer has begun a new connection" }
        : { kind: "restarted", detail: `the node was restarted as incarnation ${peer.creation}` },
    );
  }

  // What to say to an authentic invitation; nothing as long as that is not known.
  #judge({ creation }: Introduction, now: number): number | undefined {
    const before = this.established;
    if (before === undefined || before.peer.creation === creation || before.session === undefined)
      return verdict.welcome;
    return this.#challenge.judge(before.session, creation, now);
  }

  #session(keys: NoiseKeys): Session {
    const { transport, tally, runtime } = this.node;
    const write = (frame: Uint8Array): void => transport.send(this.name, frame);
    return new Session({ keys, secrecy: runtime.secrecy, now: runtime.now(), tally, write });
  }

  #endAttempt(): void {
    this.#attempt?.stop();
    this.#attempt = undefined;
  }

  #checkIdle(): void {
    if (this.#isReplacing || this.#connection !== undefined || this.#flushing.size > 0 || !this.#halfOpen.isEmpty)
      return;
    this.node.idle(this);
  }
}
