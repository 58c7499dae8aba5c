/**
 * The keys of a terminal, read by a thread of their own: Ctrl-C reaches a script that never lets go, and the terminal stays in
 * raw mode all the while. In cooked mode Ctrl-C is a signal to everything that the terminal runs: a wrapper, a NATS server
 * that the shell has started, and the shell in a moment when it is not prepared.
 */
import { Readable } from "node:stream";
import { Worker } from "node:worker_threads";

import { type Guard, InterruptError, untilSignal } from "./guard.ts";

const idle = 0;
const watched = 1;
const hit = 2;
const interruptByte = 0x03;

/** The keys of the process's terminal as a stream. */
export class TerminalKeys extends Readable {
  readonly isTTY = true;
  readonly #worker: Worker;
  /** What the code that runs is up to, and how many Ctrl-C nobody has taken yet. */
  readonly #state = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  /** How many Ctrl-C to come have had their effect. */
  #done = 0;

  constructor() {
    super({ read: () => undefined });
    this.#worker = new Worker(`(${readKeys.toString()})()`, { eval: true, execArgv: [], workerData: this.#state });
    this.#worker.on("message", (piece: Uint8Array | null) => this.#take(piece));
  }

  setRawMode(mode: boolean): this {
    // Only its mode: it is never read here.
    process.stdin.setRawMode(mode);
    return this;
  }

  /** Runs code; Ctrl-C ends it with an error, also one that was typed right behind it. */
  readonly guard: Guard = (code) => {
    const state = this.#state;
    try {
      return untilSignal(() => {
        Atomics.store(state, 0, watched);
        if (Atomics.load(state, 1) > this.#done && Atomics.compareExchange(state, 0, watched, idle) === watched) {
          this.#done += 1;
          throw new InterruptError();
        }
        try {
          return code();
        } finally {
          // The signal is on its way, and means this code.
          while (Atomics.compareExchange(state, 0, watched, idle) === hit);
        }
      });
    } finally {
      if (Atomics.exchange(state, 0, idle) === hit) this.#done += 1;
    }
  };

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(piece: Uint8Array | null): void {
    const isInterrupt = piece?.[0] === interruptByte;
    if (isInterrupt) {
      Atomics.sub(this.#state, 1, 1);
      Atomics.notify(this.#state, 1);
    }
    // What was typed ahead of an interruption is meant no more.
    if (this.#done === 0) this.push(piece);
    else if (isInterrupt) this.#done -= 1;
  }
}

/**
 * What the thread does. It travels as its text, so that it needs no loader and no file: it uses nothing from outside, and has
 * no named functions inside, to which a compiler might add calls of its own.
 */
function readKeys(): void {
  const threads = process.getBuiltinModule("node:worker_threads");
  const { ReadStream } = process.getBuiltinModule("node:tty");
  const state: unknown = threads.workerData;
  if (!(state instanceof Int32Array)) return;
  const keys = new ReadStream(0);
  keys.on("data", (piece: Buffer) => {
    let rest = piece;
    for (let at = rest.indexOf(0x03); at !== -1; at = rest.indexOf(0x03)) {
      if (at > 0) threads.parentPort?.postMessage(rest.subarray(0, at));
      threads.parentPort?.postMessage(rest.subarray(at, at + 1));
      rest = rest.subarray(at + 1);
      const untaken = Atomics.add(state, 1, 1) + 1;
      if (Atomics.compareExchange(state, 0, 1, 2) === 1) process.kill(process.pid, "SIGINT");
      // The second, and nobody has had time for the first: the only way to leave is this.
      else if (untaken > 1 && Atomics.wait(state, 1, untaken, 500) === "timed-out") process.kill(process.pid, "SIGINT");
    }
    if (rest.length > 0) threads.parentPort?.postMessage(rest);
  });
  keys.on("end", () => threads.parentPort?.postMessage(null));
  keys.on("error", () => threads.parentPort?.postMessage(null));
}
