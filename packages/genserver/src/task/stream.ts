/** A stream of tasks: one per element of an input, a few at a time, as an async iterable (STREAM-1). */
import { ArgumentError, type Process } from "@otp/core";
import { type ProcessControl, show } from "@otp/core/internal";

import { type Context, processOf, quietIn } from "../gen/context.ts";
import { orderFrom, type Work } from "./order.ts";
import { type CheckedStreamOptions, checkStreamOptions, type StreamOptions } from "./stream-options.ts";
import type { StreamItem, StreamStep } from "./stream-consumer.ts";
import { type Input, StreamRun } from "./stream-run.ts";
import type { Supervision } from "./supervised.ts";

/** What is done with each element: gets the process that it runs in, and the element. */
export type StreamFunction<Item, Result> = (self: Process, item: Item) => Result;

/** The outcome of one element, with the element where there is no result. */
export type ZippedOutcome<Result, Item> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly reason: unknown; readonly input: Item };

/** What a stream is made of. */
export interface StreamSource {
  readonly input: unknown;
  readonly fn: Work["fn"];
  readonly options: StreamOptions;
  readonly supervision: Supervision | null;
  readonly isLinked: boolean;
}

/**
 * Outcomes to be gone through by `for await`, in the process that the stream was made for. Nothing runs before that (STREAM-1);
 * each time it is gone through, all runs anew. Leaving the loop ends the tasks that run, and waits for their end (STREAM-4).
 */
export class TaskStream<out Item> implements AsyncIterable<Item> {
  readonly #consumer: ProcessControl;
  readonly #source: StreamSource;
  readonly #options: CheckedStreamOptions;

  /** @throws ArgumentError for options or an input that make no sense (STREAM-5). */
  constructor(context: Context, source: StreamSource) {
    this.#consumer = processOf(context, "go through a stream of tasks");
    this.#source = source;
    this.#options = checkStreamOptions(source.options);
    if (typeof source.fn !== "function") {
      throw new ArgumentError(`expected a function to run for each element. Got: ${show(source.fn)}`);
    }
    if (!isIterable(source.input) && !isAsyncIterable(source.input)) {
      throw new ArgumentError(`expected an iterable or async iterable of elements. Got: ${show(source.input)}`);
    }
  }

  /** The same stream, to be gone through in another process. */
  in(context: Context): TaskStream<Item> {
    return new TaskStream(context, this.#source);
  }

  [Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
    // The items are those of a function of the type that the stream was made with.
    return new StreamIterator(this.#consumer, () => this.#begin()) as AsyncIterator<Item, undefined>;
  }

  #begin(): Running {
    const { input, fn, supervision, isLinked } = this.#source;
    const elements = iteratorOf(input);
    const order = orderFrom(this.#consumer, { fn, args: [], isHeld: false });
    const options = this.#options;
    return { input: elements, run: new StreamRun(this.#consumer, elements, { options, order, supervision, isLinked }) };
  }
}

interface Running {
  readonly run: StreamRun;
  readonly input: Input;
}

/** One way through a stream; its process is there from the first question to the end. */
class StreamIterator implements AsyncIterator<StreamItem, undefined> {
  readonly #consumer: ProcessControl;
  readonly #begin: () => Running;
  #running: Running | null = null;
  #isOver = false;

  constructor(consumer: ProcessControl, begin: () => Running) {
    this.#consumer = consumer;
    this.#begin = begin;
  }

  next(): Promise<StreamStep> {
    this.#consumer.assertAlive();
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    this.#running ??= this.#begin();
    return quietIn(this.#consumer, this.#running.run.next());
  }

  async return(): Promise<StreamStep> {
    const running = this.#running;
    this.#isOver = true;
    this.#running = null;
    if (running !== null) {
      await running.run.close();
      await running.input.return?.();
    }
    return { done: true, value: undefined };
  }
}

function iteratorOf(input: unknown): Input {
  if (isAsyncIterable(input)) return input[Symbol.asyncIterator]();
  if (isIterable(input)) return input[Symbol.iterator]();
  throw new ArgumentError(`expected an iterable or async iterable of elements. Got: ${show(input)}`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
