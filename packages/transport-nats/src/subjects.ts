/**
 * Names of clusters and nodes as tokens of NATS subjects, and back.
 *
 * A subject is a list of tokens between dots, where `*` and `>` are wildcards and white space ends it; the client sends
 * whatever it is given, a line break included. So everything that is not plainly harmless is written as `=XX`, the
 * encoding is injective, and only its canonical form is read back: no name can reach another's subject, and none can
 * leave its token.
 */
import { ArgumentError } from "@otp/core";

/** Bytes of an encoded name; keeps a whole control line far below the 4,096 bytes at which a server hangs up. */
export const tokenBytesMax = 255;

/** Cached translations; names from the network must not fill the memory. */
const cacheSize = 1_000;

const harmless = /^[A-Za-z0-9_-]$/;
const prefixForm = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** Who published: a node, the server with the answer to a question, or somebody who made that subject up. */
export type Sender =
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "answer"; readonly number: string }
  | { readonly kind: "nobody" };

/** Writes a name as one token; undefined when it is empty, too long or not well-formed text. */
export function encodeToken(name: string): string | undefined {
  if (name === "" || name.length > tokenBytesMax || /\p{Surrogate}/u.test(name)) return undefined;
  let token = "";
  for (const byte of new TextEncoder().encode(name)) {
    const char = String.fromCharCode(byte);
    token += harmless.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return token.length <= tokenBytesMax ? token : undefined;
}

/** Reads a token written by `encodeToken`; undefined for anything else. */
export function decodeToken(token: string): string | undefined {
  if (token.length > tokenBytesMax || !/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes: number[] = [];
  for (let at = 0; at < token.length; at += 1) {
    if (token[at] !== "=") bytes.push(token.charCodeAt(at));
    else {
      bytes.push(Number.parseInt(token.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  // Bad UTF-8 and needless escapes have a second spelling, which is not theirs to use.
  return encodeToken(name) === token ? name : undefined;
}

/** The subjects between a node and one of its peers. */
interface Ways {
  readonly to: string;
  readonly back: string;
}

/** All subjects of one node in one cluster. */
export class Subjects {
  readonly #base: string;
  readonly #me: string;
  readonly #senders = new Map<string, Sender>();
  readonly #peers = new Map<string, Ways | undefined>();

  /** The one subject with which the node listens: every datagram to it, from whomever. */
  readonly inbox: string;
  /** Where a node that claims our name, and we, speak about it; only a node of this name may publish here. */
  readonly claim: string;
  /** Where nodes ask who is there. */
  readonly greetings: string;
  /** Where this node asks who is there. */
  readonly greeting: string;

  /** Throws an `ArgumentError` for a prefix, cluster or name that cannot be written. */
  constructor(options: { readonly prefix: string; readonly cluster: string; readonly name: string }) {
    const { prefix, cluster, name } = options;
    if (!prefixForm.test(prefix) || prefix.length > tokenBytesMax) {
      throw new ArgumentError(
        `expected prefix to be words of A-Z, a-z, 0-9, "_" and "-" with dots between them, got ${JSON.stringify(prefix)}`,
      );
    }
    this.#base = `${prefix}.${checked(cluster, "cluster")}`;
    this.#me = checked(name, "the node's name");
    this.inbox = `${this.#base}.to.${this.#me}.from.*`;
    this.claim = `${this.#base}.to.${this.#me}.from.${this.#me}`;
    this.greetings = `${this.#base}.hello.*`;
    this.greeting = `${this.#base}.hello.${this.#me}`;
  }

  /** Where datagrams to `peer` go; undefined when no node can have that name. */
  to(peer: string): string | undefined {
    return this.#waysOf(peer)?.to;
  }

  /** Where the answer to a probe of `peer` comes in: our own inbox, from `peer`. */
  back(peer: string): string | undefined {
    return this.#waysOf(peer)?.back;
  }

  /** Where the server answers the question with this number, in hexadecimal digits: a sender that no name encodes to. */
  answer(number: string): string {
    return `${this.#base}.to.${this.#me}.from.==${number}`;
  }

  /** Who published on `subject`, one of our inbox. */
  sender(subject: string): Sender {
    const known = this.#senders.get(subject);
    if (known !== undefined) return known;
    return remember(this.#senders, subject, this.#parse(subject));
  }

  /** Who asks on `subject`, one of `greetings`. */
  greeter(subject: string): string | undefined {
    const start = `${this.#base}.hello.`;
    return subject.startsWith(start) ? decodeToken(subject.slice(start.length)) : undefined;
  }

  #waysOf(peer: string): Ways | undefined {
    if (this.#peers.has(peer)) return this.#peers.get(peer);
    const token = encodeToken(peer);
    const [base, me] = [this.#base, this.#me];
    const ways =
      token === undefined
        ? undefined
        : { to: `${base}.to.${token}.from.${me}`, back: `${base}.to.${me}.from.${token}` };
    return remember(this.#peers, peer, ways);
  }

  #parse(subject: string): Sender {
    const start = this.inbox.slice(0, -1);
    if (!subject.startsWith(start)) return { kind: "nobody" };
    const token = subject.slice(start.length);
    const number = /^==([0-9a-f]+)$/.exec(token)?.[1];
    if (number !== undefined) return { kind: "answer", number };
    const name = decodeToken(token);
    return name === undefined ? { kind: "nobody" } : { kind: "node", name };
  }
}

function checked(name: string, what: string): string {
  const token = encodeToken(name);
  if (token !== undefined) return token;
  throw new ArgumentError(
    `expected ${what} to be 1 to ${tokenBytesMax} bytes of text (other characters than letters, digits, "_" and "-" count three), got ${JSON.stringify(name).slice(0, 300)}`,
  );
}

function remember<Value>(cache: Map<string, Value>, key: string, value: Value): Value {
  if (cache.size >= cacheSize) cache.clear();
  cache.set(key, value);
  return value;
}
