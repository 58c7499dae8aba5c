/** What `nats()` takes, checked and completed: servers, names and the way to log in. */
import { existsSync } from "node:fs";

import { ArgumentError } from "@otp/core";
import type { Runtime } from "@otp/core/runtime";

/** Certificates, as text or as files; `{}` demands an encrypted connection and nothing more. */
export interface NatsTlsOptions {
  readonly ca?: string;
  readonly caFile?: string;
  readonly cert?: string;
  readonly certFile?: string;
  readonly key?: string;
  readonly keyFile?: string;
  /** Encrypts from the first byte; the server must be configured for it (2.10 or later). */
  readonly handshakeFirst?: boolean;
}

/** Options of the NATS client that are rarely needed; times in ms. */
export interface NatsClientOptions {
  /** Between the client's own pings of the server; default 5,000. */
  readonly pingInterval?: number;
  /** Unanswered pings after which the connection counts as dead; default 2. */
  readonly maxPingOut?: number;
  /** For each attempt to connect; default 3,000. */
  readonly timeout?: number;
  /** Before the same server is tried again; default 250. */
  readonly reconnectTimeWait?: number;
  /** Added to that at random; default 250. */
  readonly reconnectJitter?: number;
  /** Attempts per server after which the connection is given up; default -1, never. */
  readonly maxReconnectAttempts?: number;
  /** Keep trying when the server refuses the login twice; default false. */
  readonly ignoreAuthErrorAbort?: boolean;
  /** Try the servers in the given order; default false. */
  readonly noRandomize?: boolean;
  /** Use only the given servers, not those that they tell of; default false. */
  readonly ignoreClusterUpdates?: boolean;
  /** Try every address of a host name; default true. */
  readonly resolve?: boolean;
  /** Print the whole protocol; default false. */
  readonly debug?: boolean;
}

/** How to reach a NATS system, and as whom. At most one way to log in may be given. */
export interface NatsOptions {
  /** One address or several of one system, as `nats://127.0.0.1:4222`; default: `NATS_URL`, else that one. */
  readonly servers?: string | readonly string[];
  /** Nodes see each other only within a cluster; default "otp". */
  readonly cluster?: string;
  /** The first words of every subject; default "otp". */
  readonly prefix?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The seed of an nkey, as `SU…`. */
  readonly nkey?: string;
  /** A credentials file with JWT and seed: its path, read anew at each connection, or its text. */
  readonly credentials?: string;
  readonly tls?: NatsTlsOptions;
  /** Rarely used options of the NATS client. */
  readonly options?: NatsClientOptions;
  /** Time and chance; default: the real ones. */
  readonly runtime?: Runtime;
}

/** How a connection logs in. */
export type Login =
  | { readonly kind: "none" }
  | { readonly kind: "password"; readonly user: string; readonly password: string | undefined }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "nkey"; readonly seed: string }
  | { readonly kind: "credentials"; readonly text: string }
  | { readonly kind: "credentials_file"; readonly path: string };

/** Options without gaps. */
export interface Settings {
  /** Addresses without anything secret in them. */
  readonly servers: readonly string[];
  readonly cluster: string;
  readonly prefix: string;
  readonly login: Login;
  readonly tls: NatsTlsOptions | undefined;
  readonly options: NatsClientOptions;
}

/** Checks `options` and fills the gaps; throws an `ArgumentError` that names what is wrong. */
export function settingsFrom(
  options: NatsOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const addresses = listOf(options.servers ?? env["NATS_URL"] ?? "").map(addressFrom);
  const inAddress = addresses.find((address) => address.login.kind !== "none")?.login;
  const explicit = loginFrom(options);
  return {
    servers: addresses.length > 0 ? addresses.map((address) => address.server) : ["nats://127.0.0.1:4222"],
    cluster: options.cluster ?? "otp",
    prefix: options.prefix ?? "otp",
    login: explicit.kind === "none" ? (inAddress ?? explicit) : explicit,
    tls: options.tls ?? (addresses.some((address) => address.isEncrypted) ? {} : undefined),
    options: options.options ?? {},
  };
}

function listOf(servers: string | readonly string[]): readonly string[] {
  const list = typeof servers === "string" ? servers.split(",") : servers;
  return list.map((server) => server.trim()).filter((server) => server !== "");
}

interface Address {
  readonly server: string;
  readonly isEncrypted: boolean;
  readonly login: Login;
}

/** Takes user, password or token out of an address, where the client would ignore them. */
function addressFrom(text: string): Address {
  const url = parse(text);
  const user = decoded(url?.username ?? "");
  const password = decoded(url?.password ?? "");
  const isGood = url !== undefined && url.hostname !== "" && ["nats:", "tls:"].includes(url.protocol);
  if (!isGood || user === undefined || password === undefined) {
    throw new ArgumentError(
      `expected servers to be addresses like "nats://127.0.0.1:4222", got ${JSON.stringify(hidden(text))}`,
    );
  }
  const isEncrypted = url.protocol === "tls:";
  return { server: `${url.protocol}//${url.host}`, isEncrypted, login: loginIn(user, password) };
}

function loginIn(user: string, password: string): Login {
  if (user === "") return { kind: "none" };
  return password === "" ? { kind: "token", token: user } : { kind: "password", user, password };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray "%": the address is refused as a whole.
    return undefined;
  }
}

function parse(text: string): URL | undefined {
  const whole = text.includes("://") ? text : `nats://${text}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

/** An address for a message: nothing before the `@`, which may be a secret. */
function hidden(address: string): string {
  return address.replace(/[^/]*@/, "…@");
}

function loginFrom(options: NatsOptions): Login {
  const { user, password, token, nkey, credentials } = options;
  const ways: Login[] = [];
  if (user !== undefined) ways.push({ kind: "password", user, password });
  if (token !== undefined) ways.push({ kind: "token", token });
  if (nkey !== undefined) ways.push({ kind: "nkey", seed: nkey });
  if (credentials !== undefined) ways.push(credentialsFrom(credentials));
  const [first, second] = ways;
  if (second !== undefined) {
    throw new ArgumentError("expected one way to log in (user, token, nkey or credentials), got several; give one");
  }
  if (password !== undefined && user === undefined) {
    throw new ArgumentError("expected a user with the password, got none");
  }
  return first ?? { kind: "none" };
}

function credentialsFrom(credentials: string): Login {
  if (credentials.includes("BEGIN NATS USER JWT")) return { kind: "credentials", text: credentials };
  if (existsSync(credentials)) return { kind: "credentials_file", path: credentials };
  throw new ArgumentError(
    `expected credentials to be the path or the text of a NATS credentials file, but there is no file ${JSON.stringify(credentials.slice(0, 200))}`,
  );
}
