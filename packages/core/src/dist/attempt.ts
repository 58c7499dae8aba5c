/**
 * One attempt to connect: the invitation is repeated until it is answered, refused or given up.
 *
 * It is repeated because datagrams get lost, and because a medium of several brokers needs a moment to learn who listens
 * where. An answer is authentic and decides at once. What is not authentic (a refusal, the medium's word that nobody
 * listens) is only a hint, so it has to stand for a while without an answer.
 */
import type { Runtime } from "../runtime/runtime.ts";
import { Alarm } from "./alarm.ts";
import type { LossCause } from "./channel.ts";
import { type Answer, type Invitation, protocolVersion, readRefusal, refusalReason } from "./handshake.ts";
import type { Transport } from "./transport.ts";

/** What an attempt needs. */
export interface AttemptOptions {
  readonly runtime: Runtime;
  readonly transport: Transport;
  /** Asks the medium about the peer. */
  readonly probe: () => void;
  readonly peer: string;
  readonly setupTimeMs: number;
  /** Wait this long before the first invitation. */
  readonly delayMs: number;
  /** A new invitation, with a key of its own. */
  readonly invitation: () => Invitation;
  /** The peer has the cookie, and has answered this. */
  readonly answered: (answer: Answer) => void;
  /** The attempt is over. */
  readonly failed: (cause: LossCause) => void;
}

const firstRepeatMs = 200;
const laterRepeatMs = 500;
const repeatOftenForMs = 2_000;
const absentForMs = 1_000;
const refusalGraceMs = 500;
const suspendedForMs = 1_000;

/** An attempt that is under way. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #alarm: Alarm;
  readonly #startedAt: number;
  #invitation: Invitation | undefined;
  #isAnswered = false;
  #sendAt: number;
  #absentSince = Infinity;
  #absentAt = -Infinity;
  #refusal: { readonly cause: LossCause; readonly at: number } | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.runtime, (now) => this.#wake(now));
    this.#startedAt = options.runtime.now();
    this.#sendAt = this.#startedAt + options.delayMs;
  }

  /** Sends the first invitation, or waits with it. */
  start(): void {
    this.#wake(this.#startedAt);
  }

  /** True once the peer has answered; what follows is a session. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** The peer's own attempt is preferred: forgets the invitation, and makes a new one if nothing comes of that. */
  suspend(now: number): void {
    if (this.#isAnswered) return;
    this.#invitation = undefined;
    this.#sendAt = now + suspendedForMs;
  }

  /** An answer has arrived; one that is not authentic changes nothing. */
  answer(message: Uint8Array): void {
    if (this.#isAnswered || this.#invitation?.owns(message) !== true) return;
    const answer = this.#invitation.accept(message);
    if (answer === undefined) return;
    this.#isAnswered = true;
    this.#options.answered(answer);
  }

  /** A refusal has arrived, from whomever. */
  refuse(message: Uint8Array, now: number): void {
    if (this.#isAnswered || this.#refusal !== undefined || this.#invitation?.owns(message) !== true) return;
    const refusal = readRefusal(message);
    if (refusal === undefined) return;
    this.#refusal = { cause: causeOf(refusal), at: now };
    this.#arm(now);
  }

  /** The medium says that nobody listens for the peer. */
  absent(now: number): void {
    if (this.#isAnswered) return;
    if (now - this.#absentAt > 2 * laterRepeatMs) this.#absentSince = now;
    this.#absentAt = now;
    if (now - this.#absentSince < absentForMs) return;
    this.#fail({
      kind: "gone",
      detail: `nobody listens for ${this.#options.peer}; is that node started, on this medium?`,
    });
  }

  /** Ends the attempt without a word. */
  stop(): void {
    this.#alarm.cancel();
  }

  #wake(now: number): void {
    const { setupTimeMs, transport, peer, probe } = this.#options;
    if (now >= this.#startedAt + setupTimeMs) {
      const what = this.#isAnswered ? "the handshake was not completed" : "there was no answer";
      return this.#fail({ kind: "setup_timeout", detail: `${what} within ${setupTimeMs} ms` });
    }
    if (!this.#isAnswered) {
      if (this.#refusal !== undefined && now >= this.#refusal.at + refusalGraceMs)
        return this.#fail(this.#refusal.cause);
      if (now >= this.#sendAt) {
        this.#invitation ??= this.#options.invitation();
        const isEarly = now - this.#startedAt < repeatOftenForMs;
        this.#sendAt = now + (isEarly ? firstRepeatMs : laterRepeatMs);
        // A copy, for the bytes are the transport's from then on.
        transport.send(peer, new Uint8Array(this.#invitation.message));
        probe();
      }
    }
    this.#arm(now);
  }

  #arm(now: number): void {
    let at = this.#startedAt + this.#options.setupTimeMs;
    if (!this.#isAnswered) {
      at = Math.min(at, this.#sendAt);
      if (this.#refusal !== undefined) at = Math.min(at, this.#refusal.at + refusalGraceMs);
    }
    this.#alarm.set(at, now);
  }

  #fail(cause: LossCause): void {
    this.#alarm.cancel();
    this.#options.failed(cause);
  }
}

function causeOf({ reason, version }: { readonly reason: number; readonly version: number }): LossCause {
  switch (reason) {
    case refusalReason.cookie:
      return { kind: "cookie", detail: "it has another cookie; give both nodes the same one" };
    case refusalReason.version:
      return { kind: "refused", detail: `it speaks version ${version} of the protocol, this node ${protocolVersion}` };
    default:
      return { kind: "refused", detail: `it gave reason ${reason}, which this version does not know` };
  }
}
