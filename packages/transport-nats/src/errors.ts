/** What went wrong with a NATS system, as one sentence with a way out. */
import { TransportError } from "@otp/core";

/** Reads the machine-readable code of an error of the client or of Node. */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** Explains why no connection could be made to any of `servers`. */
export function connectError(error: unknown, servers: readonly string[]): TransportError {
  const where = servers.join(", ");
  return new TransportError(explain(error, where), { cause: error });
}

/** Explains why an established connection was given up for good. */
export function closedError(error: unknown, server: string): TransportError {
  return new TransportError(explain(error, server), { cause: error });
}

/** Explains that the name is another's (NODE-19). */
export function nameTaken(name: string, detail: string): TransportError {
  return new TransportError(
    `The node name ${name} is already in use in this cluster: ${detail}. Choose another name or cluster, or stop the other node.`,
  );
}

/** Explains that the account of this connection may not do what a node has to. */
export function notPermitted(subject: string): TransportError {
  return new TransportError(
    `The NATS server does not allow ${JSON.stringify(subject)}: the user must be permitted to subscribe to its own inbox and to publish to the others'.`,
  );
}

function explain(error: unknown, where: string): string {
  const text = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "CONNECTION_REFUSED":
    case "ECONNREFUSED":
      return `There is no NATS server at ${where}: the connection was refused. Start one (nats-server), or name another with the option servers or in NATS_URL.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host of the NATS server at ${where} is not known (${text}). Correct the option servers or NATS_URL.`;
    case "TIMEOUT":
    case "CONNECTION_TIMEOUT":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `The NATS server at ${where} did not answer in time. Check the address, the network and that the server is well, or name another with the option servers or in NATS_URL.`;
    case "AUTHORIZATION_VIOLATION":
    case "BAD_AUTHENTICATION":
    case "BAD_CREDS":
    case "AUTHENTICATION_TIMEOUT":
      return `The NATS server at ${where} refused the login (${text}). Check user and password, token, nkey or credentials.`;
    case "AUTHENTICATION_EXPIRED":
    case "ACCOUNT_EXPIRED":
      return `The NATS server at ${where} says that the credentials have expired. Renew them.`;
    case "SERVER_OPT_NA":
      return `The NATS server at ${where} does not offer what was asked of it (${text}). Check the option tls, and that the server supports it.`;
    default:
      return `The connection to the NATS server at ${where} failed: ${text}. Check the address, the login and the option tls.`;
  }
}
