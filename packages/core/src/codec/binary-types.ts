/** The types that are nothing but bytes, with their names on the wire. Elements are little-endian, as on every host we run on. */
import { Buffer } from "node:buffer";
import { types } from "node:util";

import { Kind } from "./tags.ts";

interface ViewClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): ArrayBufferView;
}

const viewClasses: ReadonlyMap<string, ViewClass> = new Map<string, ViewClass>([
  ["Int8Array", Int8Array],
  ["Uint8Array", Uint8Array],
  ["Uint8ClampedArray", Uint8ClampedArray],
  ["Int16Array", Int16Array],
  ["Uint16Array", Uint16Array],
  ["Int32Array", Int32Array],
  ["Uint32Array", Uint32Array],
  ["Float32Array", Float32Array],
  ["Float64Array", Float64Array],
  ["BigInt64Array", BigInt64Array],
  ["BigUint64Array", BigUint64Array],
]);

/**
 * The wire name of a value of one of these types, undefined for any other value and for instances of subclasses.
 * `generations` counts its prototypes up to, and without, `Object.prototype`.
 */
export function binaryTypeOf(value: object, generations: number): string | undefined {
  if (types.isTypedArray(value)) {
    if (Buffer.isBuffer(value)) return generations === 3 ? "Buffer" : undefined;
    const name = value[Symbol.toStringTag];
    return generations === 2 && viewClasses.has(name) ? name : undefined;
  }
  if (generations !== 1) return undefined;
  if (types.isDataView(value)) return Kind.dataView;
  return types.isArrayBuffer(value) ? Kind.arrayBuffer : undefined;
}

/** The bytes behind a value of one of these types, not copied. */
export function bytesOf(value: object): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(value)) return types.isArrayBuffer(value) ? new Uint8Array(value) : new Uint8Array(0);
  const { buffer, byteOffset, byteLength } = value;
  // What is shared with other threads may change at any time, so it is copied here and now.
  if (types.isSharedArrayBuffer(buffer)) return Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength));
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The value of type `name` over `bytes`, which it takes over; undefined for no such type or a length it cannot have. */
export function fromBytes(name: string, bytes: Uint8Array<ArrayBuffer>): object | undefined {
  if (name === "Uint8Array") return bytes;
  if (name === "Buffer") return Buffer.from(bytes.buffer);
  if (name === Kind.arrayBuffer) return bytes.buffer;
  if (name === Kind.dataView) return new DataView(bytes.buffer);
  const viewClass = viewClasses.get(name);
  if (viewClass === undefined || bytes.length % viewClass.BYTES_PER_ELEMENT !== 0) return undefined;
  return new viewClass(bytes.buffer);
}
