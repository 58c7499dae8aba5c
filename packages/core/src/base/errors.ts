/**
 * The errors that are thrown, as opposed to exit reasons and outcomes, which are data.
 *
 * An uncaught error inside a process becomes that process's exit reason. Classes are recognised by a brand and a
 * `code`, so that two copies of the library, or another worker, agree about them.
 */

const brand = "@otp/error";

/** The machine-readable name of an error class; stable across versions. */
export type OtpErrorCode =
  | "argument"
  | "exit"
  | "remote"
  | "call"
  | "device"
  | "start"
  | "codec"
  | "transport"
  | "cookie"
  | "invariant"
  | "dead_process"
  | "concurrent_receive"
  | "undef";

/** What every error of the framework has: a stable `code`, and the `cause` where there is one. */
export abstract class OtpError extends Error {
  readonly "@otp/error" = true;
  /** One of the framework's own names, or one of whoever extends this class. */
  abstract readonly code: OtpErrorCode | (string & {});

  /** True for every error of the framework, also one made by another copy of it. */
  static is(value: unknown): value is OtpError {
    return value instanceof Error && brand in value;
  }
}

/** A caller passed something that makes no sense; the message names what was expected and what came. */
export class ArgumentError extends OtpError {
  override readonly name = "ArgumentError";
  readonly code = "argument";
}

/** What `exit(reason)` throws: caught it is an ordinary exception, uncaught its reason is the process's (EXIT-2). */
export class ExitError extends OtpError {
  override readonly name: string = "ExitError";
  readonly code: OtpErrorCode = "exit";
  readonly reason: unknown;

  constructor(reason: unknown, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  /** What a process that does not catch this error ends with. */
  get exitReason(): unknown {
    return this.reason;
  }

  /** Whether that end is reported as a crash; `exit(reason)` is none (LOG-2). */
  get isCrash(): boolean {
    return false;
  }
}

/** A device of the I/O protocol is gone: its reason is `"terminated"`, and that of a process that does not catch it (IO-8). */
export class DeviceError extends ExitError {
  override readonly name = "DeviceError";
  override readonly code = "device";

  override get isCrash(): boolean {
    return true;
  }
}

/** What failed: the operation, whom it was for, and what was asked. */
export interface CallDetails {
  /** Name of the function that failed: `call`, `stop`, … */
  readonly operation: string;
  /** The server as it was given. */
  readonly target: unknown;
  /** The request; for `stop` the reason that was asked for. */
  readonly request: unknown;
  readonly timeoutMs: number | "infinity";
}

/**
 * A call that got no answer; `reason` says why (CALL-2 … CALL-7). After a timeout the outcome is unknown: the server may
 * have done, or may still do, what it was asked for.
 *
 * Uncaught it is itself what the process ends with, as Erlang's `{reason, {GenServer, :call, …}}` is: a failure that goes
 * through several servers nests, and is a shutdown exactly where the innermost server's was (`isShutdownReason`).
 */
export class CallError extends ExitError {
  override readonly name: string = "CallError";
  override readonly code: OtpErrorCode = "call";
  readonly operation: string;
  readonly target: unknown;
  readonly request: unknown;
  readonly timeoutMs: number | "infinity";

  constructor(reason: unknown, message: string, { operation, target, request, timeoutMs }: CallDetails) {
    super(reason, message, reason instanceof Error ? { cause: reason } : undefined);
    this.operation = operation;
    this.target = target;
    this.request = request;
    this.timeoutMs = timeoutMs;
  }

  override get exitReason(): unknown {
    return this;
  }
}

/** A start function failed: the name is taken, `init` refused, failed or was too slow. */
export class StartError extends OtpError {
  override readonly name = "StartError";
  readonly code = "start";
  readonly reason: unknown;

  constructor(reason: unknown, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A term cannot be encoded, or bytes cannot be decoded. */
export class CodecError extends OtpError {
  override readonly name = "CodecError";
  readonly code = "codec";
  /** Where in the term, as `message.items[3].callback`; empty when decoding. */
  readonly path: string;
  /** Offset in the bytes when decoding, else -1. */
  readonly offset: number;

  constructor(message: string, where: ErrorOptions & { readonly path?: string; readonly offset?: number } = {}) {
    super(message, "cause" in where ? { cause: where.cause } : undefined);
    this.path = where.path ?? "";
    this.offset = where.offset ?? -1;
  }
}

/** A transport could not be opened or used. */
export class TransportError extends OtpError {
  override readonly name = "TransportError";
  readonly code = "transport";
}

/** The cookie cannot be had: no file, wrong mode, empty. */
export class CookieError extends OtpError {
  override readonly name = "CookieError";
  readonly code = "cookie";
}

/** A remotely callable function is not known here (PROC-2, NODE-13). */
export class UndefError extends OtpError {
  override readonly name = "UndefError";
  readonly code = "undef";
}

/** Code of a terminated process called the process API; nothing happened (JS-4). */
export class DeadProcessError extends OtpError {
  override readonly name = "DeadProcessError";
  readonly code = "dead_process";
}

/** A process has two receives at once, which JavaScript allows and processes do not (JS-11). */
export class ConcurrentReceiveError extends OtpError {
  override readonly name = "ConcurrentReceiveError";
  readonly code = "concurrent_receive";
}

/** The machine broke one of its own rules (INVARIANTS.md): our bug, never caught. */
export class InvariantError extends OtpError {
  override readonly name = "InvariantError";
  readonly code = "invariant";
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
