/**
 * One node on one NATS system, from `open` to `close`: its connection, its inbox and its name.
 *
 * What is published with a reply subject is the transport's own talk, everything without is a datagram. A node publishes
 * only on subjects that end in its own name and listens only on its own inbox, so that the permissions of a server can
 * make a sender's name unforgeable. Only the question "who is there?" has a subject that all listen to.
 */
import { TransportError } from "@otp/core";
import type { Runtime } from "@otp/core/runtime";
import type { TransportEvents, TransportIdentity } from "@otp/core/transport";

import { connectClient, type Arrival, type Client } from "./client.ts";
import { closedError, nameTaken, notPermitted } from "./errors.ts";
import { NameKeeper } from "./name-keeper.ts";
import type { Settings } from "./options.ts";
import { Subjects } from "./subjects.ts";
import { readWitness, witnessQuestion, witnessSubject } from "./witness.ts";

const witnessMs = 300;
/** Whoever has its name already asks again and again, for a server that is flooded is slow. */
const patientMs = [witnessMs, 600, 1_200, 2_400, 4_800];
const discoveryMs = 250;
const flushMs = 1_000;
const nothing = new Uint8Array(0);
/** Answers "who is there?". */
const here = Uint8Array.of(1);

const silenceMeans = {
  some: "a node listens under it and does not answer; it is frozen, or its connection is dead and the server will soon notice",
  unknown:
    "somebody listens under it and does not answer (a program that subscribes to all subjects looks the same where the server may not be asked)",
};

/** A question to the server and its answers so far, one per server: does another listen as we do? */
interface Inquiry {
  readonly number: string;
  readonly answers: boolean[];
}

/** What an attachment is made of. */
export interface AttachmentOptions {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly identity: TransportIdentity;
  readonly events: TransportEvents;
}

/** One node on one NATS system, from `open` to `close`. */
export class Attachment {
  readonly #options: AttachmentOptions;
  readonly #subjects: Subjects;
  readonly #keeper: NameKeeper;
  readonly #discoveries = new Set<Set<string>>();
  readonly #wakers = new Set<() => void>();
  #inquiry: Inquiry | undefined;
  #refused = "";
  #isDefending = false;
  #client: Client | undefined;
  #closing: Promise<void> | undefined;
  #state: "opening" | "open" | "closed" = "opening";

  constructor(options: AttachmentOptions) {
    const { settings, runtime, identity } = options;
    this.#options = options;
    this.#subjects = new Subjects({ prefix: settings.prefix, cluster: settings.cluster, name: identity.name });
    const { claim } = this.#subjects;
    this.#keeper = new NameKeeper({
      runtime,
      ask: (bytes) => this.#client?.publish(claim, bytes, claim),
      answer: (bytes) => this.#client?.publish(claim, bytes),
      contested: () => void this.#defendName(),
    });
  }

  get payloadMax(): number {
    return this.#client?.payloadMax ?? 0;
  }

  get bufferedBytes(): number {
    return this.#client?.bufferedBytes ?? 0;
  }

  async open(): Promise<void> {
    const { settings, identity, events } = this.#options;
    const client = await connectClient(settings, identity.name, {
      down: (detail) => this.#whenOpen(() => events.status("down", detail)),
      up: (detail) => {
        this.#keeper.reclaim();
        this.#whenOpen(() => events.status("up", detail));
      },
      refused: (_operation, subject) => this.#refuse(subject),
      closed: (error) => this.#fail(error === undefined ? undefined : closedError(error, client.server)),
      // Thrown outside of the client, where it is loud and does no harm.
      failed: (error) =>
        this.#options.runtime.defer(() => {
          throw error;
        }),
    });
    // Closed meanwhile: nobody else knows of this connection.
    if (this.#state !== "opening") await client.close();
    this.#mustBeOpening();
    this.#client = client;
    client.subscribe(this.#subjects.inbox, (arrival) => this.#receive(arrival));
    await this.#takeName(client);
    this.#mustBeOpening();
    if (!identity.hidden) client.subscribe(this.#subjects.greetings, (arrival) => this.#greet(arrival.subject));
    await this.#within(flushMs, client.flush());
    this.#mustBeOpening();
    this.#state = "open";
    this.#keeper.own();
  }

  send(peer: string, bytes: Uint8Array): void {
    const subject = this.#subjects.to(peer);
    if (this.#state === "open" && subject !== undefined) this.#client?.publish(subject, bytes);
  }

  probe(peer: string): void {
    this.#sign(peer, nothing);
  }

  async discover(): Promise<readonly string[]> {
    if (this.#state !== "open") return [];
    const found = new Set<string>();
    this.#discoveries.add(found);
    this.#client?.publish(this.#subjects.greeting, nothing);
    await this.#sleep(discoveryMs);
    this.#discoveries.delete(found);
    return [...found].toSorted();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const client = this.#client;
    this.#state = "closed";
    this.#client = undefined;
    this.#keeper.stop();
    for (const wake of this.#wakers) wake();
    if (client === undefined) return;
    await this.#within(flushMs, client.leave());
    await client.close();
  }

  /** Gets the name, or throws a `TransportError` that says who has it (NODE-19). */
  async #takeName(client: Client): Promise<void> {
    const { name } = this.#options.identity;
    const outcome = await this.#keeper.claim();
    if (this.#refused !== "") throw notPermitted(this.#refused);
    this.#mustBeOpening();
    if (outcome === "granted") return;
    const others = await this.#askServer(client);
    this.#mustBeOpening();
    if (others === "none") return;
    throw nameTaken(name, outcome === "taken" ? "a live node answered for it" : silenceMeans[others]);
  }

  /** Gives the name up when another node has it, and not because a stranger says so, or keeps the server busy. */
  async #defendName(): Promise<void> {
    // One question at a time: the answers to another one would be nobody's.
    if (this.#isDefending) return;
    this.#isDefending = true;
    const isOthers = await this.#isOthers();
    this.#isDefending = false;
    if (isOthers && this.#state === "open")
      this.#fail(nameTaken(this.#options.identity.name, "another node took it while this one was disconnected"));
  }

  async #isOthers(): Promise<boolean> {
    for (const ms of patientMs) {
      const client = this.#client;
      if (client === undefined) return false;
      const others = await this.#askServer(client, ms);
      if (others !== "unknown") return others === "some";
    }
    return true;
  }

  /** Asks the server, which cannot be shouted down, whether another connection listens on our inbox. */
  async #askServer(client: Client, ms = witnessMs): Promise<"some" | "none" | "unknown"> {
    const number = Buffer.from(this.#options.runtime.randomBytes(8)).toString("hex");
    const inquiry: Inquiry = { number, answers: [] };
    this.#inquiry = inquiry;
    client.publish(witnessSubject, witnessQuestion(this.#subjects.claim), this.#subjects.answer(number));
    await this.#sleep(ms);
    if (inquiry.answers.includes(true)) return "some";
    return inquiry.answers.length > 0 ? "none" : "unknown";
  }

  #receive(arrival: Arrival): void {
    const sender = this.#subjects.sender(arrival.subject);
    if (sender.kind === "answer") this.#hearServer(sender.number, arrival.bytes);
    if (sender.kind !== "node") return;
    const { events, identity } = this.#options;
    if (sender.name === identity.name) {
      if (arrival.isNobody) this.#keeper.hearNobody();
      else this.#keeper.hear(arrival.bytes);
    } else if (this.#state !== "open") return;
    else if (arrival.isNobody) events.unreachable(sender.name);
    else if (arrival.reply === "") events.datagram(sender.name, arrival.bytes);
    else if (arrival.bytes.length > 0) for (const found of this.#discoveries) found.add(sender.name);
  }

  #hearServer(number: string, bytes: Uint8Array): void {
    if (this.#client === undefined || number !== this.#inquiry?.number) return;
    const verdict = readWitness(bytes, this.#subjects.inbox, this.#client.identity);
    if (verdict !== undefined) this.#inquiry.answers.push(verdict);
  }

  #greet(subject: string): void {
    const asker = this.#subjects.greeter(subject);
    if (asker !== undefined && this.#state === "open") this.#sign(asker, here);
  }

  /** Publishes the transport's own talk; the server answers when nobody listens. */
  #sign(peer: string, bytes: Uint8Array): void {
    const subject = this.#subjects.to(peer);
    const back = this.#subjects.back(peer);
    if (this.#state === "open" && subject !== undefined && back !== undefined) {
      this.#client?.publish(subject, bytes, back);
    }
  }

  #refuse(subject: string): void {
    const { inbox, claim } = this.#subjects;
    if (this.#state !== "opening" || (subject !== inbox && subject !== claim)) return;
    this.#refused = subject;
    this.#keeper.stop();
  }

  #fail(error: TransportError | undefined): void {
    const wasOpen = this.#state === "open";
    void this.close();
    if (wasOpen) this.#options.events.closed(error);
  }

  #whenOpen(tell: () => void): void {
    if (this.#state === "open") tell();
  }

  #mustBeOpening(): void {
    if (this.#state !== "opening") throw new TransportError("The transport was closed while it was being opened.");
  }

  /** Waits for `work`, which never rejects, at most `ms`. */
  async #within(ms: number, work: Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.runtime.setTimer(ms, resolve, false);
      void work.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** Waits `ms`, or until the attachment closes. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = this.#options.runtime.setTimer(ms, wake, false);
      this.#wakers.add(wake);
    });
  }
}
