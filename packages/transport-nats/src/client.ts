/**
 * The only file that knows the NATS client: one connection with callback subscriptions, its errors and states in our
 * own words.
 *
 * Callbacks keep the order of the wire over all subscriptions, iterators do not. An exception in a callback would deafen
 * the whole connection without a word, so none gets back into the client. Nothing is published while the connection is
 * down: the client would keep some of it and throw away the rest.
 */
import { readFileSync } from "node:fs";

import {
  connect,
  credsAuthenticator,
  Events,
  nkeyAuthenticator,
  type Authenticator,
  type ConnectionOptions,
  type Msg,
  type NatsConnection,
  type Subscription,
} from "nats";

import { codeOf, connectError } from "./errors.ts";
import type { Login, Settings } from "./options.ts";

/** What arrived on a subscription. */
export interface Arrival {
  readonly subject: string;
  /** A view into the client's buffer: copy what is kept. */
  readonly bytes: Uint8Array;
  /** Where an answer is wanted; empty for none. */
  readonly reply: string;
  /** The server says that nobody listens where we published with this reply subject. */
  readonly isNobody: boolean;
}

/** News of the connection; called synchronously or from the client's status stream, never after `close`. */
export interface ClientEvents {
  down(detail: string): void;
  up(detail: string): void;
  /** The server refused to let us publish or subscribe on `subject`. */
  refused(operation: string, subject: string): void;
  /** The connection is gone for good. */
  closed(error: unknown): void;
  /** A callback of ours threw: never the client's business. */
  failed(error: unknown): void;
}

/** Connects, or rejects with a `TransportError` that says what to do. */
export async function connectClient(settings: Settings, name: string, events: ClientEvents): Promise<Client> {
  try {
    const connection = await connect({
      servers: [...settings.servers],
      name,
      noEcho: true,
      pingInterval: 5_000,
      maxPingOut: 2,
      timeout: 3_000,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: false,
      noAsyncTraces: true,
      ...(settings.tls === undefined ? {} : { tls: { ...settings.tls } }),
      ...loginOptions(settings.login),
      ...settings.options,
    });
    return new Client(connection, events);
  } catch (error) {
    throw connectError(error, settings.servers);
  }
}

export type { Client };

/** One connection to a NATS system. */
class Client {
  readonly #connection: NatsConnection;
  readonly #events: ClientEvents;
  readonly #subscriptions: Subscription[] = [];
  #isUp = true;
  #isClosed = false;
  #server: string;
  #payloadMax = 0;

  constructor(connection: NatsConnection, events: ClientEvents) {
    this.#connection = connection;
    this.#events = events;
    this.#server = connection.getServer();
    void this.#watch();
    void connection.closed().then((error) => {
      this.#report(() => this.#events.closed(error));
    });
  }

  /** The address of the server of this connection, or of the last one. */
  get server(): string {
    return this.#server;
  }

  get isUp(): boolean {
    return this.#isUp && !this.#isClosed;
  }

  /** The largest payload the server takes; the last known value while there is no server. */
  get payloadMax(): number {
    this.#payloadMax = this.#connection.info?.max_payload ?? this.#payloadMax;
    return this.#payloadMax;
  }

  /** What the server calls itself and this connection. */
  get identity(): { readonly serverId: string; readonly connectionId: number } {
    const { info } = this.#connection;
    return { serverId: info?.server_id ?? "", connectionId: info?.client_id ?? 0 };
  }

  /**
   * Bytes that wait in this process because the server does not read them fast enough. The client has no name for this;
   * it is read from its socket, and 0 where that is not found.
   */
  get bufferedBytes(): number {
    const socket = ["protocol", "transport", "socket"].reduce<unknown>(property, this.#connection);
    const waiting = property(socket, "writableLength");
    return typeof waiting === "number" ? waiting : 0;
  }

  /** Delivers what is published on `subject`, in the order of the wire over all subscriptions. */
  subscribe(subject: string, deliver: (arrival: Arrival) => void): void {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        // A refusal comes as a status, too, and is told from there.
        if (error === null) this.#report(() => receive(message, deliver));
      },
    });
    this.#subscriptions.push(subscription);
  }

  /** Publishes, or loses it: while the connection is down, or when it is larger than the server allows. */
  publish(subject: string, bytes: Uint8Array, reply = ""): void {
    if (!this.isUp) return;
    try {
      this.#connection.publish(subject, bytes, reply === "" ? undefined : { reply });
    } catch (error) {
      const code = codeOf(error);
      if (code !== "MAX_PAYLOAD_EXCEEDED" && code !== "CONNECTION_CLOSED") throw error;
    }
  }

  /** Resolves when the server has taken everything published before; also when the connection broke meanwhile. */
  async flush(): Promise<void> {
    if (!this.isUp) return;
    await this.#connection.flush().catch(() => undefined);
  }

  /** Stops listening, and resolves when the server knows it; whoever probes us afterwards is told so. */
  async leave(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await this.flush();
  }

  /** Closes the connection; events end at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === Events.Disconnect) {
        this.#isUp = false;
        this.#report(() => this.#events.down(`the connection to ${this.#server} is lost`));
      } else if (status.type === Events.Reconnect) {
        this.#isUp = true;
        this.#server = this.#connection.getServer();
        this.#report(() => this.#events.up(`connected to ${this.#server}`));
      } else if (status.permissionContext !== undefined) {
        const { operation, subject } = status.permissionContext;
        this.#report(() => this.#events.refused(operation, subject));
      }
    }
  }

  #report(tell: () => void): void {
    if (this.#isClosed) return;
    try {
      tell();
    } catch (error) {
      this.#events.failed(error);
    }
  }
}

function receive(message: Msg, deliver: (arrival: Arrival) => void): void {
  const headers = headersOf(message);
  const isNobody = headers === "nobody";
  // Nodes send no headers: whoever does is a stranger.
  if (headers === "some") return;
  deliver({ subject: message.subject, bytes: message.data, reply: message.reply ?? "", isNobody });
}

function headersOf(message: Msg): "none" | "nobody" | "some" {
  try {
    const { headers } = message;
    if (headers === undefined) return "none";
    return headers.code === 503 && message.data.length === 0 ? "nobody" : "some";
  } catch {
    // The client refuses a malformed header only when it is looked at.
    return "some";
  }
}

function loginOptions(login: Login): ConnectionOptions {
  switch (login.kind) {
    case "none":
      return {};
    case "password":
      return login.password === undefined ? { user: login.user } : { user: login.user, pass: login.password };
    case "token":
      return { token: login.token };
    case "nkey":
      return { authenticator: nkeyAuthenticator(new TextEncoder().encode(login.seed)) };
    case "credentials":
      return { authenticator: credsAuthenticator(new TextEncoder().encode(login.text)) };
    case "credentials_file":
      return { authenticator: fromFile(login.path) };
  }
}

/** Reads the file at each login, so that renewed credentials are used without a restart. */
function fromFile(path: string): Authenticator {
  return (nonce) => credsAuthenticator(readFileSync(path))(nonce);
}

function property(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && name in of ? Reflect.get(of, name) : undefined;
}
