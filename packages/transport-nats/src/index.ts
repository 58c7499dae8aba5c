/** Nodes connected over NATS. */
export { nats } from "./nats-transport.ts";
export type { NatsClientOptions, NatsOptions, NatsTlsOptions } from "./options.ts";
