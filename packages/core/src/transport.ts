/** For authors of transports and codecs. */
export type { Transport, TransportEvents, TransportIdentity } from "./dist/transport.ts";
export type { Channel, ChannelEvents, LossCause, Peer } from "./dist/channel.ts";
export type {
  Distribution,
  DistributionCounters,
  DistributionEvents,
  DistributionLog,
  DistributionOptions,
  StretchCost,
} from "./dist/contract.ts";
export { createDistribution } from "./dist/distribution.ts";
export { ErlangSignals, type ErlangSignalsOptions } from "./dist/frame.ts";
export type { SignalCodec, SignalEncoder } from "./dist/signal-codec.ts";
export type { Codec } from "./codec/codec.ts";
export { ErlangCodec, type ErlangCodecOptions } from "./codec/erlang-codec.ts";
export type { ErrorClassRecord } from "./codec/error-classes.ts";
export { IdentityTable, type NodeIdentity } from "./term/identity.ts";
export type { Signal, SpawnWishes } from "./signal/signal.ts";
