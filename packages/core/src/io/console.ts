/**
 * The node's own device, registered as `user`: it prints on the host's standard output and reads its standard input.
 *
 * The input is touched only while somebody waits to read, and never keeps the host alive. While one waits, others may
 * write; a second reader waits for the first.
 */
import type { Kernel } from "../process/kernel.ts";
import type { Process } from "../process/process.ts";
import type { Pid } from "../term/pid.ts";
import { answer } from "./device.ts";
import { type IoRequestMessage, isIoRequest } from "./protocol.ts";
import { isReading, performText, type TextState, type TextTraits } from "./text-device.ts";

/** Where output goes: a writable stream of the host, or something that looks like one. */
export interface OutputStream {
  /** False when no more should be written until `done` was called. */
  write(text: string, done?: (error?: Error | null) => void): boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Where input comes from: a readable stream of the host, or something that looks like one. */
export interface InputStream {
  on(event: "data", listener: (chunk: string | Uint8Array) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  off(event: "data", listener: (chunk: string | Uint8Array) => void): unknown;
  off(event: "end" | "close", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  /** True once the end has been told. */
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  /** Lets the host end although the stream is being read. */
  unref?(): unknown;
}

/** The streams of a node; those of the host where one is absent. */
export interface Stdio {
  readonly input?: InputStream;
  readonly output?: OutputStream;
  readonly error?: OutputStream;
}

/** What a console is made of. */
export interface ConsoleOptions {
  /** Each is looked at when it is used first: touching the host's input starts it. */
  readonly stdio: Required<Stdio>;
  readonly mayCall: TextTraits["mayCall"];
}

/** Starts the device of a node and names it `user`; it is its own group leader. */
export function startConsole(kernel: Kernel, options: ConsoleOptions): Pid {
  const run = (self: Process): Promise<never> => {
    // Directly into the mailbox: what arrives is no message that could be isolated by copying.
    const deliver = (arrival: Arrival): void => kernel.find(self.pid)?.accept(arrival);
    return new Console(self, options, deliver).run();
  };
  const { pid } = kernel.spawnFunction(run, [], { leader: kernel.root });
  kernel.setGroupLeader(pid, pid);
  kernel.register("user", pid);
  return pid;
}

/** The streams given, and the host's for the rest, which are not touched before they are used. */
export function hostStdio(given: Stdio = {}): Required<Stdio> {
  return {
    get input(): InputStream {
      return given.input ?? process.stdin;
    },
    get output(): OutputStream {
      return given.output ?? process.stdout;
    },
    get error(): OutputStream {
      return given.error ?? process.stderr;
    },
  };
}

/** What the input has given; of a class of its own, which no message from elsewhere is. */
class Arrival {
  readonly text: string;
  readonly isEnd: boolean;

  constructor(text: string, isEnd: boolean) {
    this.text = text;
    this.isEnd = isEnd;
  }
}

class Console {
  readonly #self: Process;
  readonly #options: ConsoleOptions;
  readonly #deliver: (arrival: Arrival) => void;
  readonly #decoder = new TextDecoder();
  #state: TextState = { input: "", isEnded: false, output: "", encoding: "unicode", capturesPrompts: true };
  /** Who waits to read, in order. */
  #readers: IoRequestMessage[] = [];
  #isOpen = false;

  constructor(self: Process, options: ConsoleOptions, deliver: (arrival: Arrival) => void) {
    this.#self = self;
    this.#options = options;
    this.#deliver = deliver;
  }

  async run(): Promise<never> {
    for (;;) {
      const message = await this.#self.receive();
      if (message instanceof Arrival) await this.#arrive(message);
      else if (isIoRequest(message)) await this.#take(message);
    }
  }

  #take(message: IoRequestMessage): Promise<void> {
    const complaint = stderrRequest(message.request);
    if (complaint !== undefined) return this.#complain(message, complaint);
    if (this.#readers.length > 0 && isReading(message.request)) {
      this.#readers.push(message);
      return Promise.resolve();
    }
    return this.#perform(message);
  }

  async #arrive({ text, isEnd }: Arrival): Promise<void> {
    this.#state = { ...this.#state, input: this.#state.input + text, isEnded: this.#state.isEnded || isEnd };
    const waiting = this.#readers;
    this.#readers = [];
    for (const [at, reader] of waiting.entries()) {
      await this.#perform(reader);
      if (this.#readers.length > 0) {
        this.#readers.push(...waiting.slice(at + 1));
        break;
      }
    }
  }

  async #perform(message: IoRequestMessage): Promise<void> {
    const step = performText(this.#state, message.request, this.#traits(message));
    const { output } = step.state;
    this.#state = { ...step.state, output: "" };
    const failure = output === "" ? undefined : await print(this.#options.stdio.output, output);
    if ("rest" in step) {
      this.#readers.push({ ...message, request: step.rest });
      this.#listen();
      return;
    }
    answer(this.#self, message, failure === undefined ? step.reply : { error: failure });
  }

  /** Output for the host's standard error: the same requests, and no input. */
  async #complain(message: IoRequestMessage, request: unknown): Promise<void> {
    const initial: TextState = { ...this.#state, input: "", isEnded: true };
    const step = performText(initial, request, this.#traits(message));
    const { output } = step.state;
    const failure = output === "" ? undefined : await print(this.#options.stdio.error, output);
    const reply = "reply" in step ? step.reply : { error: "enotsup" };
    answer(this.#self, message, failure === undefined ? reply : { error: failure });
  }

  #traits({ from }: IoRequestMessage): TextTraits {
    const { mayCall, stdio } = this.#options;
    return { geometry: (what) => stdio.output[what], mayCall, client: from.node };
  }

  /** Takes the next piece of input, or notes its end. */
  #listen(): void {
    if (this.#isOpen) return;
    const { input } = this.#options.stdio;
    if (input.readableEnded === true || input.destroyed === true) {
      this.#deliver(new Arrival("", true));
      return;
    }
    this.#isOpen = true;
    const { signal } = this.#self;
    const finish = (): void => {
      this.#isOpen = false;
      input.off("data", take);
      input.off("end", end);
      input.off("close", end);
      signal.removeEventListener("abort", finish);
      input.pause();
    };
    const take = (piece: string | Uint8Array): void => {
      finish();
      const text = typeof piece === "string" ? piece : this.#decoder.decode(piece, { stream: true });
      this.#deliver(new Arrival(text, false));
    };
    const end = (): void => {
      finish();
      this.#deliver(new Arrival(this.#decoder.decode(), true));
    };
    input.on("data", take);
    input.on("end", end);
    input.on("close", end);
    signal.addEventListener("abort", finish);
    input.resume();
    input.unref?.();
  }
}

function stderrRequest(request: unknown): unknown {
  const isForStderr = typeof request === "object" && request !== null && "type" in request && request.type === "stderr";
  return isForStderr && "request" in request ? request.request : undefined;
}

/** Writes to a stream and waits while it is full; gives the code of an error where it fails. */
function print(stream: OutputStream, text: string): Promise<string | undefined> | undefined {
  let settle: (failure: string | undefined) => void = () => undefined;
  const hasRoom = stream.write(text, (error) =>
    settle(error === undefined || error === null ? undefined : "terminated"),
  );
  return hasRoom
    ? undefined
    : new Promise((resolve) => {
        settle = resolve;
      });
}
