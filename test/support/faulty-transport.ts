/** A transport that does to datagrams what a test wants: loses, doubles, delays or shows them. */
import type { Transport, TransportEvents, TransportIdentity } from "@otp/core/transport";

/** What becomes of a datagram that arrives: handed on as often as `deliver` is called. */
export type Fault = (datagram: { readonly from: string; readonly bytes: Uint8Array }, deliver: () => void) => void;

/** `inner`, with `fault` applied to everything that arrives. */
export function faulty(inner: Transport, fault: Fault): Transport {
  return {
    get kind() {
      return inner.kind;
    },
    get maxDatagram() {
      return inner.maxDatagram;
    },
    get bufferedBytes() {
      return inner.bufferedBytes;
    },
    open: (identity: TransportIdentity, events: TransportEvents) =>
      inner.open(identity, {
        datagram: (from, bytes) => {
          const copy = Uint8Array.from(bytes);
          fault({ from, bytes: copy }, () => events.datagram(from, Uint8Array.from(copy)));
        },
        unreachable: (peer) => events.unreachable(peer),
        status: (status, detail) => events.status(status, detail),
        closed: (error) => events.closed(error),
      }),
    send: (peer, bytes) => inner.send(peer, bytes),
    probe: (peer) => inner.probe(peer),
    discover: () => inner.discover(),
    close: () => inner.close(),
  };
}
