/**
 * The node's own device, registered as `user`: it prints on the host's standard output and reads its standard input.
 *
 * The input is touched only while somebody waits to read; only then does it keep the host alive. While one waits, others
 * may write; a second reader waits for the first.
 */
import type { Body } from "../process/body.ts";
import type { ProcessControl } from "../process/control.ts";
import type { Kernel } from "../process/kernel.ts";
import type { Pid } from "../term/pid.ts";
import { answer } from "./device.ts";
import { type IoRequestMessage, isIoRequest, type Refusal } from "./protocol.ts";
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
  /** Whether the host stays alive for it. */
  ref?(): unknown;
  unref?(): unknown;
  /** How many read it, ourselves included; it is let go when nobody does. */
  listenerCount?(event: "data"): number;
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

/** The device of a node, as the node has it. */
export interface NodeConsole {
  readonly pid: Pid;
  /** Prints what has been asked for so far, and ends the device. */
  close(): void;
}

/** Starts the device of a node and names it `user`; it is its own group leader. */
export function startConsole(kernel: Kernel, options: ConsoleOptions): NodeConsole {
  const console = new Console(options);
  const user = kernel.spawn(console, kernel.root);
  console.process = user;
  user.groupLeader = user.pid;
  kernel.register("user", user.pid);
  return {
    pid: user.pid,
    close: () => {
      printRest(user.mailbox?.messages() ?? [], options);
      user.terminate("shutdown");
    },
  };
}

/** Prints for writers that did not wait for it, when there is no turn left to wait for. */
function printRest(messages: readonly unknown[], { stdio, mayCall }: ConsoleOptions): void {
  for (const message of messages) {
    if (!isIoRequest(message)) continue;
    const complaint = stderrRequest(message.request);
    const { state } = performText(closing, complaint ?? message.request, {
      geometry: () => undefined,
      mayCall,
      client: message.from.node,
    });
    if (state.output !== "") (complaint === undefined ? stdio.output : stdio.error).write(state.output);
  }
}

const closing: TextState = { input: "", isEnded: true, output: "", encoding: "unicode", capturesPrompts: false };

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

/** Handles each request at once: what is handed to a stream is printed, whatever becomes of the process. */
class Console implements Body {
  process: ProcessControl | null = null;
  readonly #options: ConsoleOptions;
  readonly #decoder = new TextDecoder();
  #state: TextState = { input: "", isEnded: false, output: "", encoding: "unicode", capturesPrompts: true };
  /** Who waits to read, in order. */
  #readers: IoRequestMessage[] = [];
  #isOpen = false;

  constructor(options: ConsoleOptions) {
    this.#options = options;
  }

  start(): void {
    // There is nothing to do until somebody asks.
  }

  handle(message: unknown): void {
    try {
      if (message instanceof Arrival) this.#arrive(message);
      else if (isIoRequest(message)) this.#take(message);
    } catch (error) {
      // A stream that was given may do anything.
      this.process?.fail(error);
    }
  }

  #take(message: IoRequestMessage): void {
    const complaint = stderrRequest(message.request);
    if (complaint !== undefined) this.#complain(message, complaint);
    else if (this.#readers.length > 0 && isReading(message.request)) this.#readers.push(message);
    else this.#perform(message);
  }

  #arrive({ text, isEnd }: Arrival): void {
    this.#state = { ...this.#state, input: this.#state.input + text, isEnded: this.#state.isEnded || isEnd };
    const waiting = this.#readers;
    this.#readers = [];
    for (const [at, reader] of waiting.entries()) {
      this.#perform(reader);
      if (this.#readers.length > 0) {
        this.#readers.push(...waiting.slice(at + 1));
        break;
      }
    }
  }

  #perform(message: IoRequestMessage): void {
    const step = performText(this.#state, message.request, this.#traits(message));
    this.#state = { ...step.state, output: "" };
    if ("reply" in step) {
      this.#print(this.#options.stdio.output, step.state.output, (failure) =>
        this.#answer(message, failure ?? step.reply),
      );
      return;
    }
    this.#print(this.#options.stdio.output, step.state.output, () => undefined);
    this.#readers.push({ ...message, request: step.rest });
    this.#listen();
  }

  /** Output for the host's standard error: the same requests, and no input. */
  #complain(message: IoRequestMessage, request: unknown): void {
    const step = performText({ ...this.#state, input: "", isEnded: true }, request, this.#traits(message));
    const reply = "reply" in step ? step.reply : { error: "enotsup" };
    this.#print(this.#options.stdio.error, step.state.output, (failure) => this.#answer(message, failure ?? reply));
  }

  /** Writes to a stream; where that is full, `then` comes when it has room again, so that the writer waits for it. */
  #print(stream: OutputStream, text: string, then: (failure: Refusal | undefined) => void): void {
    if (text === "") {
      then(undefined);
      return;
    }
    // A stream may call back from within `write`, when it is not known yet whether that matters.
    const writing: { isWaiting: boolean; isDone: boolean; failure: Refusal | undefined } = {
      isWaiting: false,
      isDone: false,
      failure: undefined,
    };
    const hasRoom = stream.write(text, (error) => {
      writing.isDone = true;
      writing.failure = error === undefined || error === null ? undefined : { error: "terminated" };
      if (writing.isWaiting) then(writing.failure);
    });
    if (hasRoom || writing.isDone) then(writing.failure);
    else writing.isWaiting = true;
  }

  #answer(message: IoRequestMessage, reply: unknown): void {
    if (this.process?.isAlive === true) answer(this.process, message, reply);
  }

  /** Directly into the mailbox: what arrives is no message that could be isolated by copying. */
  #deliver(arrival: Arrival): void {
    this.process?.accept(arrival);
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
    const forget = this.process?.onEnd(() => finish());
    const finish = (): void => {
      this.#isOpen = false;
      input.off("data", take);
      input.off("end", end);
      input.off("close", end);
      forget?.();
      if ((input.listenerCount?.("data") ?? 0) > 0) return;
      input.pause();
      // Even a paused pipe would keep the host waiting for its other end.
      input.unref?.();
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
    input.ref?.();
    input.resume();
  }
}

function stderrRequest(request: unknown): unknown {
  const isForStderr = typeof request === "object" && request !== null && "type" in request && request.type === "stderr";
  return isForStderr && "request" in request ? request.request : undefined;
}
