/** Nodes connected over NATS. */
export { nats } from "./nats-transport.ts";
export type { NatsOptions, NatsTlsOptions } from "./options.ts";
export type { ClientOptions } from "./client.ts";
