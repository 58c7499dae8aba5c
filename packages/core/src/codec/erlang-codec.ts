/** The codec in use: Erlang's External Term Format, in which JavaScript's own types are tagged tuples (`docs/wire-format.md`). */
import { CodecError } from "../base/errors.ts";
import type { IdentityTable } from "../term/identity.ts";
import type { Codec } from "./codec.ts";
import { type ErrorClassRecord, ErrorClasses } from "./error-classes.ts";
import * as Tag from "./tags.ts";
import { TermReader } from "./term-reader.ts";
import { TermWriter, type TermWriterOptions } from "./term-writer.ts";

/** What a codec is made of. */
export interface ErlangCodecOptions {
  /** The identities of the node it works for: whose pids and refs are the own ones, and which are known. */
  readonly identities: IdentityTable;
  /** Error classes, by the names they have on every node, that come back as themselves besides the built-in ones. */
  readonly errorClasses?: ErrorClassRecord;
  /** Bytes of the largest term, both ways. Default: 64 MiB. */
  readonly bytesMax?: number;
}

/**
 * Encodes terms as `term_to_binary/1` of Erlang does and decodes what it makes.
 *
 * Integers, floats, bigints, strings, booleans, null, undefined, arrays, plain objects, Map, Set, Date, errors, binary types,
 * pids, refs and functions made by `remote` come back as they were; all else is refused when it is sent (TR-7).
 * What is decoded shares no memory with the bytes.
 *
 * ```ts ignore
 * // The table of identities belongs to a node.
 * const codec = new ErlangCodec({ identities });
 * codec.decode(codec.encode({ type: "add", by: 3 })); // => { type: "add", by: 3 }
 * ```
 */
export class ErlangCodec implements Codec {
  readonly #writerOptions: Required<Omit<TermWriterOptions, "holdFrom">>;
  readonly #writer: TermWriter;
  readonly #reader: TermReader;

  constructor(options: ErlangCodecOptions) {
    const errorClasses = new ErrorClasses(options.errorClasses);
    this.#writerOptions = { bytesMax: options.bytesMax ?? Tag.TERM_BYTES_MAX, errorClasses };
    this.#writer = new TermWriter(this.#writerOptions);
    this.#reader = new TermReader(options.identities, errorClasses);
  }

  encode(term: unknown): Uint8Array {
    // A getter in the term may send a message in its turn; that one gets a writer of its own.
    const writer = this.#writer.busy ? new TermWriter(this.#writerOptions) : this.#writer;
    writer.reset();
    writer.writeVersion();
    writer.writeTerm(term);
    return writer.split();
  }

  decode(bytes: Uint8Array): unknown {
    const { bytesMax } = this.#writerOptions;
    if (bytes.length > bytesMax) {
      throw new CodecError(`cannot decode: expected at most ${bytesMax} bytes. Got: ${bytes.length}`, { offset: 0 });
    }
    const reader = this.#reader;
    reader.reset(bytes);
    try {
      reader.readVersion();
      const term = reader.readTerm();
      reader.expectEnd();
      return term;
    } finally {
      reader.release();
    }
  }
}
