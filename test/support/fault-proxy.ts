/**
 * A TCP proxy that does to connections what networks do: stalls them, cuts them, refuses them, makes them slow.
 *
 * Nothing is ever taken out of a stream, since no network does that to TCP: a stall holds bytes back, and a cut resets. Delays
 * are reckoned per byte in absolute time, so that they do not add up, and what is held back is bounded as the buffers of a
 * kernel are, so that a sender comes to feel it.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/** How slow a connection is. */
export interface Shape {
  /** How long each byte is under way. */
  readonly delayMs?: number;
  /** Up to how much longer. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
}

const heldMax = 256 * 1024;

/** Starts a proxy in front of a server of this machine. */
export async function startProxy(targetPort: number): Promise<FaultProxy> {
  const proxy = new FaultProxy(targetPort);
  await proxy.listen();
  return proxy;
}

export type { FaultProxy };

class FaultProxy {
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #port = 0;
  #isRefusing = false;
  #isStalled = false;
  #shape: Shape = {};

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Where clients connect. */
  get url(): string {
    return `nats://127.0.0.1:${String(this.#port)}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
  }

  /** From now on connections are that slow. */
  shape(shape: Shape): void {
    this.#shape = shape;
    for (const pair of this.#pairs) pair.shape(shape);
  }

  /** Holds everything back, both ways, until `flow`; nobody is told. */
  stall(): void {
    this.#isStalled = true;
    for (const pair of this.#pairs) pair.stall(true);
  }

  /** Lets what was held back go on. */
  flow(): void {
    this.#isStalled = false;
    for (const pair of this.#pairs) pair.stall(false);
  }

  /** Resets every connection; new ones are welcome. */
  cut(): void {
    for (const pair of this.#pairs) pair.destroy();
  }

  /** Resets every connection and those that are tried, until `admit`. */
  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  admit(): void {
    this.#isRefusing = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, connect(this.#targetPort, "127.0.0.1"), () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    pair.shape(this.#shape);
    pair.stall(this.#isStalled);
  }
}

/** Two sockets and what is under way between them. */
class Pair {
  readonly #sockets: readonly [Socket, Socket];
  readonly #lines: readonly [Line, Line];
  readonly #ended: () => void;

  constructor(client: Socket, server: Socket, ended: () => void) {
    this.#sockets = [client, server];
    this.#ended = ended;
    this.#lines = [new Line(client, server), new Line(server, client)];
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on("error", () => this.destroy());
      socket.on("close", () => this.destroy());
    }
  }

  shape(shape: Shape): void {
    for (const line of this.#lines) line.shape = shape;
  }

  stall(isStalled: boolean): void {
    for (const line of this.#lines) line.stall(isStalled);
  }

  destroy(): void {
    for (const line of this.#lines) line.stop();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#ended();
  }
}

/** One direction. */
class Line {
  shape: Shape = {};
  readonly #from: Socket;
  readonly #to: Socket;
  #held: { readonly bytes: Buffer; readonly due: number }[] = [];
  #heldBytes = 0;
  #isStalled = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the last byte accepted so far arrives, and when the line is free to take more. */
  #lastDue = 0;
  #freeAt = 0;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    if (!isStalled) this.#pass();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#held = [];
  }

  #take(bytes: Buffer): void {
    const now = performance.now();
    const { delayMs = 0, jitterMs = 0, bytesPerSecond = Infinity } = this.shape;
    // In pieces, for a slow line does not deliver a large chunk at one moment.
    const pieceSize = bytesPerSecond === Infinity ? bytes.length : 4_096;
    for (let at = 0; at < bytes.length; at += pieceSize) {
      const piece = bytes.subarray(at, at + pieceSize);
      this.#freeAt = Math.max(this.#freeAt, now) + (piece.length / bytesPerSecond) * 1_000;
      this.#lastDue = Math.max(this.#lastDue, this.#freeAt + delayMs + Math.random() * jitterMs);
      this.#held.push({ bytes: piece, due: this.#lastDue });
      this.#heldBytes += piece.length;
    }
    if (this.#heldBytes > heldMax) this.#from.pause();
    this.#pass();
  }

  #pass(): void {
    clearTimeout(this.#timer);
    if (this.#isStalled) return;
    const now = performance.now();
    let count = 0;
    for (const { bytes, due } of this.#held) {
      if (due > now) break;
      this.#to.write(bytes);
      this.#heldBytes -= bytes.length;
      count += 1;
    }
    if (count > 0) this.#held = this.#held.slice(count);
    if (this.#heldBytes < heldMax / 2) this.#from.resume();
    const next = this.#held[0];
    if (next !== undefined) this.#timer = setTimeout(() => this.#pass(), Math.max(1, next.due - now));
  }
}
