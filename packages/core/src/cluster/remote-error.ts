/** How calls on other nodes fail: what the function there did, or why it cannot be told (ERPC-1, ERPC-2). */
import { ExitError } from "../base/errors.ts";

/** Why there is no answer of the function's own. */
export type RpcFailure = "timeout" | "noconnection" | "badarg" | "notsup";

/** A call on another node that has failed; each way of failing is a class of its own. */
export abstract class RemoteError extends ExitError {
  override readonly name: string = "RemoteError";
  override readonly code = "remote";
  /** The node that was called. */
  readonly node: string;
  abstract readonly kind: "exception" | "exit" | "signal" | "rpc";

  constructor(
    node: string,
    reason: unknown,
    { message, cause }: { readonly message: string; readonly cause?: unknown },
  ) {
    super(reason, `call on ${node}: ${message}`, cause === undefined ? undefined : { cause });
    this.node = node;
  }
}

/** The function threw an `Error`: `error`, with its stack there. Its reason is `{ exception: error }`. */
export class RemoteExceptionError extends RemoteError {
  override readonly name = "RemoteExceptionError";
  readonly kind = "exception";
  readonly error: Error;

  constructor(node: string, error: Error) {
    super(node, { exception: error }, { message: `${error.name}: ${error.message}`, cause: error });
    this.error = error;
  }

  override get exitReason(): unknown {
    return this;
  }

  override get isCrash(): boolean {
    return true;
  }
}

/** The function called `exit(reason)`; the reason is `{ exception: reason }`. */
export class RemoteExitError extends RemoteError {
  override readonly name = "RemoteExitError";
  readonly kind = "exit";
}

/** The process of the function was ended by an exit signal; the reason is `{ signal: reason }`. */
export class RemoteSignalError extends RemoteError {
  override readonly name = "RemoteSignalError";
  readonly kind = "signal";
}

/** There is no answer: the reason is `{ erpc: failure }`. After a timeout the function may have run, or still run. */
export class RpcError extends RemoteError {
  override readonly name = "RpcError";
  readonly kind = "rpc";
  readonly failure: RpcFailure;

  constructor(node: string, failure: RpcFailure, message: string = failure) {
    super(node, { erpc: failure }, { message });
    this.failure = failure;
  }

  override get exitReason(): unknown {
    return this;
  }

  override get isCrash(): boolean {
    return true;
  }
}
