/**
 * What a server can be asked, as types: requests with the type of their reply, casts, and other messages.
 *
 * A protocol is an interface with the members `call`, `cast` and `info`, each a union of tagged objects. The types here take
 * apart what a caller has in hand (a pid that a start function gave, or a typed name), so that the reply of a call follows
 * from its message alone.
 */
import type { GlobalName, Pid, RemoteName, ViaName } from "@otp/core";

/** A request: tagged with `type`, answered with `Reply`, and with fields of its own. */
export type Call<Type extends string, Reply, Fields extends object = object> = {
  readonly type: Type;
  readonly "~reply"?: (reply: Reply) => void;
} & Readonly<Fields>;

/** What a server can be asked and sent. */
export interface Protocol {
  readonly call?: unknown;
  readonly cast?: unknown;
  readonly info?: unknown;
}

/** A protocol that says nothing: any request, any reply. */
export interface AnyProtocol {
  readonly call: unknown;
  readonly cast: unknown;
  readonly info: unknown;
}

/** The requests of a protocol. */
export type CallOf<P> = unknown extends P ? unknown : P extends { readonly call: infer Request } ? Request : never;
/** The casts of a protocol. */
export type CastOf<P> = unknown extends P ? unknown : P extends { readonly cast: infer Message } ? Message : never;
/** The other messages of a protocol; any, where it names none. */
export type InfoOf<P> = P extends { readonly info: infer Message } ? Message : unknown;

/** The reply to a request. */
export type ReplyTo<Request> = Request extends { readonly "~reply"?: (reply: infer Reply) => void } ? Reply : unknown;

/** Something that calls and casts can be addressed to, and whose protocol is known. */
export interface ServerRef<in P> {
  /** Only for the type. */
  readonly "~protocol"?: (protocol: P) => void;
}

/** The pid of a server with the protocol `P`. */
export type ServerPid<P = AnyProtocol> = Pid<InfoOf<P>> & ServerRef<P>;

/** The global name of a server of the class `Class`, as `globalName` makes it. */
export interface GlobalServer<Class> extends ServerRef<ProtocolOf<Class>> {
  readonly global: unknown;
  /** Only for the type. */
  readonly "~class"?: Class;
}

/** The protocol of a class of servers. */
export type ProtocolOf<Class> = Class extends new (...args: never) => {
  readonly "~protocol"?: (protocol: infer P) => void;
}
  ? P
  : never;

/** What the `init` of a class takes. */
export type ArgOf<Class> = Class extends new (...args: never) => { readonly "~arg"?: (arg: infer Arg) => void }
  ? Arg
  : never;

/** The protocol of what a call is addressed to; `unknown` where nothing is known. */
export type ProtocolBehind<Server> = Server extends { readonly "~protocol"?: (protocol: infer P) => void }
  ? P
  : unknown;

/** The requests that the server behind an address takes. */
export type RequestTo<Server> = CallOf<ProtocolBehind<Server>>;

/** The tags of these requests. */
export type RequestTypes<Server> =
  RequestTo<Server> extends { readonly type: infer Type extends string } ? Type : string;

/** The request with the tag `Type`, written so that the tag is inferred from the message at hand. */
export type RequestAs<Server, Type> = RequestTo<Server> & { readonly type: Type };

/** The reply of the server behind an address to the request with the tag `Type`. */
export type ReplyFrom<Server, Type> = ReplyTo<Extract<RequestTo<Server>, { readonly type: Type }>>;

/** A target that does not say what it can be asked; one that does cannot pass for it. */
export type UntypedTarget =
  | (Pid<never> & ServerRef<AnyProtocol>)
  | (GlobalName & ServerRef<AnyProtocol>)
  | string
  | RemoteName
  | ViaName
  | null
  | undefined;
