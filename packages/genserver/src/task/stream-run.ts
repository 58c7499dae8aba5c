/**
 * One run of a stream: a process between consumer and tasks, which starts them, hears of them and is linked to the consumer.
 *
 * The consumer's mailbox has no part in it, hence nothing can be left there, and no message can be mistaken for one of a task
 * (STREAM-4). Tasks are started only while the consumer waits for a result, so that a slow one is not overrun.
 *
 * Whatever ends the run ends the tasks first: (1) all are killed, (2) the end of each is awaited, (3) the link is taken back and
 * the consumer told. Only a consumer that dies, or has to, is not waited for.
 */
import type { CallError, DownMessage, ExitMessage } from "@otp/core";
import { addLink, type Body, type ProcessControl } from "@otp/core/internal";

import { originFrom, seedOf } from "../gen/origin.ts";
import { isPromise } from "../gen/settle.ts";
import { taskError } from "./await.ts";
import { Deliveries } from "./deliveries.ts";
import type { TaskReply } from "./gathering.ts";
import { StreamConsumer, type StreamItem, type StreamStep } from "./stream-consumer.ts";
import type { CheckedStreamOptions } from "./stream-options.ts";
import { Notice, type StreamElement, StreamTasks, type StreamWork } from "./stream-tasks.ts";

/** Where elements come from. */
export type Input = Iterator<unknown> | AsyncIterator<unknown>;

/** What a run is to do. */
export interface StreamPlan extends Omit<StreamWork, "timeout"> {
  readonly options: CheckedStreamOptions;
}

const operation = "Task.asyncStream";

/** The process of one run. */
export class StreamRun implements Body {
  readonly #consumer: StreamConsumer;
  readonly #input: Input;
  readonly #plan: StreamPlan;
  readonly #self: ProcessControl;
  readonly #tasks: StreamTasks;
  readonly #deliveries: Deliveries<StreamItem>;
  #isExhausted = false;
  #isPulling = false;
  /** Nothing is started any more, and the process ends when all tasks have. */
  #isEnding = false;

  /** Begins a run for `consumer`; no task is started before the first question. */
  constructor(consumer: ProcessControl, input: Input, plan: StreamPlan) {
    this.#consumer = new StreamConsumer(consumer);
    this.#input = input;
    this.#plan = plan;
    const { maxConcurrency, ordered, timeout } = plan.options;
    this.#deliveries = new Deliveries({ maxConcurrency, isOrdered: ordered });
    this.#self = consumer.kernel.spawn(this, consumer.groupLeader);
    this.#self.setTrapping(true);
    addLink(consumer, this.#self.pid);
    addLink(this.#self, consumer.pid);
    this.#self.onEnd(() => this.#leave());
    const { order, supervision, isLinked } = plan;
    this.#tasks = new StreamTasks(
      this.#self,
      { order, supervision, isLinked, timeout },
      { late: (element) => this.#late(element), notStarted: (error) => this.#notStarted(error) },
    );
  }

  /** The next item. */
  next(): Promise<StreamStep> {
    const step = this.#consumer.ask();
    if (this.#self.isAlive) this.#self.accept(new Notice(() => this.#goOn()));
    else this.#consumer.finish();
    return step;
  }

  /** Ends all tasks; resolves when none is left. */
  close(): Promise<void> {
    if (!this.#self.isAlive) return Promise.resolve();
    this.#self.accept(new Notice(() => this.#end()));
    return this.#consumer.untilOver();
  }

  get initialCall(): string {
    return operation;
  }

  seed(): readonly (readonly [unknown, unknown])[] {
    return seedOf(originFrom(this.#consumer.process, { name: null, initialCall: operation, hasParent: true }));
  }

  start(): void {}

  handle(message: unknown): void {
    if (message instanceof Notice) message.act();
    else if (isMessage<TaskReply>(message, "task_reply")) this.#tasks.replied(message);
    else if (isMessage<DownMessage>(message, "DOWN")) this.#ended(message);
    else if (isMessage<ExitMessage>(message, "EXIT") && message.from === this.#consumer.process.pid)
      this.#die("normal");
  }

  /** Gives what there is to give, and starts what may be started. */
  #goOn(): void {
    if (this.#isEnding) return;
    while (this.#consumer.isWaiting) {
      const item = this.#deliveries.take();
      if (item === undefined) break;
      this.#consumer.give(item);
    }
    if (!this.#consumer.isWaiting) return;
    this.#pull();
    if (this.#isExhausted && this.#deliveries.isIdle) this.#end();
  }

  /** Takes elements from the input while there is room. */
  #pull(): void {
    try {
      while (!this.#isExhausted && !this.#isPulling && !this.#isEnding && this.#deliveries.mayStart) {
        const step = this.#input.next();
        if (isPromise(step)) this.#pullLater(step);
        else this.#take(step);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #pullLater(step: PromiseLike<IteratorResult<unknown>>): void {
    this.#isPulling = true;
    const later = (act: () => void): void => {
      const pulled = (): void => {
        this.#isPulling = false;
        if (this.#isEnding) return;
        act();
        this.#goOn();
      };
      this.#self.accept(new Notice(pulled));
    };
    step.then(
      (result) => later(() => this.#take(result)),
      (error: unknown) => later(() => this.#fail(error)),
    );
  }

  #take(step: IteratorResult<unknown>): void {
    if (step.done === true) this.#isExhausted = true;
    else this.#tasks.start(this.#deliveries.start(), step.value);
  }

  #notStarted(error: unknown): void {
    if (this.#isEnding) this.#concludeIfAlone();
    else this.#fail(error);
  }

  #late(element: StreamElement): void {
    if (element.reply !== null || element.isOver || this.#isEnding) return;
    element.isLate = true;
    if (this.#plan.options.onTimeout === "exit") this.#fail(this.#error("timeout", element.input));
    else this.#tasks.kill(element);
  }

  #ended({ ref, reason }: DownMessage): void {
    const element = this.#tasks.ended(ref);
    if (element === undefined) return;
    if (this.#isEnding) {
      this.#concludeIfAlone();
      return;
    }
    const { reply, position, isLate } = element;
    const { isLinked } = this.#plan;
    if (reply !== null) this.#deliveries.finish(position, { ok: true, value: reply.result });
    else if (isLinked && !isLate && reason !== "normal" && !this.#consumer.process.isTrapping) this.#die(reason);
    else this.#deliveries.finish(position, this.#failed(element, isLate ? "timeout" : reason));
    if (this.#self.isAlive) this.#goOn();
  }

  #failed({ input }: StreamElement, reason: unknown): StreamItem {
    return this.#plan.options.zipInputOnExit ? { ok: false, reason, input } : { ok: false, reason };
  }

  #fail(error: unknown): void {
    if (this.#isEnding) return;
    this.#consumer.fail(error);
    this.#end();
    this.#closeInput();
  }

  /** Kills what runs, and then ends the process. */
  #end(): void {
    this.#isEnding = true;
    this.#tasks.killAll();
    this.#concludeIfAlone();
  }

  /** The input of a run that has failed may go; an error of its going would hide why. */
  #closeInput(): void {
    const ignore = (): undefined => undefined;
    try {
      const closing = this.#input.return?.();
      if (isPromise(closing)) closing.then(ignore, ignore);
    } catch {
      ignore();
    }
  }

  #concludeIfAlone(): void {
    if (!this.#isEnding || !this.#tasks.isEmpty) return;
    this.#self.unlink(this.#consumer.process.pid);
    this.#self.terminate("normal");
  }

  /** Ends at once, and by the link the consumer with it, if that lives and does not survive `reason`. */
  #die(reason: unknown): void {
    this.#tasks.killAll();
    this.#self.terminate(reason);
  }

  /** The process has ended: whoever still waits for something of it hears so. */
  #leave(): void {
    if (!this.#isEnding) this.#consumer.fail(this.#error("noproc", this.#self.pid));
    this.#consumer.finish();
  }

  #error(reason: unknown, target: unknown): CallError {
    return taskError(reason, { operation, target, timeout: this.#plan.options.timeout });
  }
}

function isMessage<Message extends { readonly type: string }>(
  message: unknown,
  type: Message["type"],
): message is Message {
  return typeof message === "object" && message !== null && "type" in message && message.type === type;
}
