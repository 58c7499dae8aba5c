/**
 * What is inside a sealed frame: an acknowledgement, a packet of the stream, both, or neither (a tick).
 *
 * ```
 *   u8 flags            1 an acknowledgement follows, 2 a packet follows, 8 to be acknowledged at once; 4, alone: the
 *                       session is over, and the rest of the frame is text that says why
 *   acknowledgement:    u48 next       every packet below this has arrived
 *                       u48 frame      the highest frame counter that has arrived
 *                       u16 delay      how long ago that was noticed, in eighths of a ms
 *                       u16 slack      how much earlier it may have been there, in the same unit
 *                       u8  count      of ranges that arrived beyond `next`, ascending, apart, not empty
 *                       count × (u32 start, relative to `next`; u32 length)
 *   packet:             u48 sequence   from 0, without gaps
 *                       u8  kind       1 batch, 2 fragment, 3 nothing, 4 goodbye
 *                       fragment:      u32 lane, u32 length of the whole signal, u8 flags: 1 first, 2 last, 4 bytes of a binary
 *                       bytes to the end of the frame
 * ```
 */

/** What a packet carries. */
export const packetKind = { batch: 1, fragment: 2, nothing: 3, goodbye: 4 } as const;

/** Which part of which signal a fragment is. */
export interface FragmentHead {
  readonly lane: number;
  /** Bytes of the whole signal. */
  readonly total: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Whether it is nothing but bytes of one large binary. */
  readonly isBinary: boolean;
}

/** The part of a packet that stays the same when it is sent again. */
export interface Content {
  readonly kind: number;
  readonly fragment: FragmentHead | undefined;
  readonly body: Uint8Array;
}

/** A run of packets beyond a gap. */
export interface Range {
  readonly start: number;
  readonly length: number;
}

/** What the other side has received. */
export interface Ack {
  readonly next: number;
  readonly frame: number;
  readonly delayMs: number;
  readonly slackMs: number;
  readonly ranges: readonly Range[];
}

/** A packet that is about to be sent. */
export interface OutgoingPacket {
  readonly sequence: number;
  readonly content: Content;
  readonly isUrgent: boolean;
}

/** A frame's contents, read. */
export interface FrameContents {
  readonly ack: Ack | undefined;
  readonly sequence: number;
  readonly content: Content | undefined;
  /** The sender waits for the acknowledgement. */
  readonly isUrgent: boolean;
  /** Why the other side has given the session up. */
  readonly farewell: string | undefined;
}

/** The most ranges in one acknowledgement. */
export const rangesMax = 32;
const ackBytes = 17;

/** The most that stands before the body of a packet. */
export const contentsHeadMax: number = 1 + ackBytes + rangesMax * 8 + 7 + 9;

const hasAck = 1;
const hasPacket = 2;
const isOver = 4;
const isUrgent = 8;
const isFirst = 1;
const isLast = 2;
const isBinary = 4;
const empty = new Uint8Array(0);

/** Writes what stands before the body, into a buffer of its own. */
export function writeContentsHead(ack: Ack | undefined, packet: OutgoingPacket | undefined): Uint8Array {
  const content = packet?.content;
  const size = headSize(ack, content);
  const out = Buffer.allocUnsafe(size);
  out[0] = (ack === undefined ? 0 : hasAck) | (packet === undefined ? 0 : hasPacket | (packet.isUrgent ? isUrgent : 0));
  let at = 1;
  if (ack !== undefined) {
    out.writeUIntBE(ack.next, at, 6);
    out.writeUIntBE(ack.frame, at + 6, 6);
    out.writeUInt16BE(eighths(ack.delayMs), at + 12);
    out.writeUInt16BE(eighths(ack.slackMs), at + 14);
    out[at + 16] = ack.ranges.length;
    at += ackBytes;
    for (const { start, length } of ack.ranges) {
      out.writeUInt32BE(start - ack.next, at);
      out.writeUInt32BE(length, at + 4);
      at += 8;
    }
  }
  if (packet !== undefined && content !== undefined) {
    out.writeUIntBE(packet.sequence, at, 6);
    out[at + 6] = content.kind;
    const { fragment } = content;
    if (fragment !== undefined) {
      out.writeUInt32BE(fragment.lane, at + 7);
      out.writeUInt32BE(fragment.total, at + 11);
      out[at + 15] =
        (fragment.isFirst ? isFirst : 0) | (fragment.isLast ? isLast : 0) | (fragment.isBinary ? isBinary : 0);
    }
  }
  return out;
}

/** Writes the contents of the frame that ends a session at once. */
export function writeFarewell(text: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(isOver), writeText(text)]);
}

/** Text for people, cut to a length that bothers nobody. */
export function writeText(text: string): Uint8Array {
  return Buffer.from(text.slice(0, 256));
}

/** What `writeText` wrote, made fit to be logged: whatever the bytes, one short line. */
export function readText(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 1024)).toString().replaceAll(/\p{C}/gu, "?");
}

/** Reads the contents of an authentic frame; `undefined` when they make no sense. The body is a view of `bytes`. */
export function readContents(bytes: Uint8Array): FrameContents | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view[0];
  if (flags === isOver) {
    return { ack: undefined, sequence: -1, content: undefined, isUrgent: false, farewell: readText(view.subarray(1)) };
  }
  if (flags === undefined || (flags & ~(hasAck | hasPacket | isUrgent)) !== 0) return undefined;
  let at = 1;
  let ack: Ack | undefined;
  if ((flags & hasAck) !== 0) {
    ack = readAck(view);
    if (ack === undefined) return undefined;
    at += ackBytes + 8 * ack.ranges.length;
  }
  if ((flags & hasPacket) === 0) {
    return at === view.length
      ? { ack, sequence: -1, content: undefined, isUrgent: false, farewell: undefined }
      : undefined;
  }
  if (view.length < at + 7) return undefined;
  const sequence = view.readUIntBE(at, 6);
  const content = readContent(view, at + 6);
  if (content === undefined) return undefined;
  return { ack, sequence, content, isUrgent: (flags & isUrgent) !== 0, farewell: undefined };
}

function eighths(ms: number): number {
  return Math.max(0, Math.min(0xffff, Math.round(ms * 8)));
}

function headSize(ack: Ack | undefined, content: Content | undefined): number {
  const ackSize = ack === undefined ? 0 : ackBytes + 8 * ack.ranges.length;
  if (content === undefined) return 1 + ackSize;
  return 1 + ackSize + 7 + (content.fragment === undefined ? 0 : 9);
}

function readAck(view: Buffer): Ack | undefined {
  const count = view[ackBytes];
  if (count === undefined || count > rangesMax || view.length < 1 + ackBytes + 8 * count) return undefined;
  const next = view.readUIntBE(1, 6);
  const ranges: Range[] = [];
  let end = 0;
  for (let i = 0; i < count; i += 1) {
    const start = view.readUInt32BE(1 + ackBytes + 8 * i);
    const length = view.readUInt32BE(5 + ackBytes + 8 * i);
    if (start <= end || length === 0) return undefined;
    end = start + length;
    ranges.push({ start: next + start, length });
  }
  const [delayMs, slackMs] = [view.readUInt16BE(13) / 8, view.readUInt16BE(15) / 8];
  return { next, frame: view.readUIntBE(7, 6), delayMs, slackMs, ranges };
}

function readContent(view: Buffer, at: number): Content | undefined {
  const kind = view[at];
  switch (kind) {
    case packetKind.batch:
    case packetKind.goodbye:
      return { kind, fragment: undefined, body: view.subarray(at + 1) };
    case packetKind.nothing:
      return view.length === at + 1 ? { kind, fragment: undefined, body: empty } : undefined;
    case packetKind.fragment: {
      const flags = view[at + 9];
      if (flags === undefined || flags > (isFirst | isLast | isBinary)) return undefined;
      const fragment = {
        lane: view.readUInt32BE(at + 1),
        total: view.readUInt32BE(at + 5),
        isFirst: (flags & isFirst) !== 0,
        isLast: (flags & isLast) !== 0,
        isBinary: (flags & isBinary) !== 0,
      };
      return { kind, fragment, body: view.subarray(at + 10) };
    }
    default:
      return undefined;
  }
}
