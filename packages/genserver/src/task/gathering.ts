/**
 * Waiting for tasks: for the reply or the end of each, beside the mailbox.
 *
 * A wait takes up none of the process's one receive (JS-11), so that several tasks may be awaited at once, and neither takes
 * nor delays any other message. What has come before the wait began is in the mailbox and is found there.
 */
import { ConcurrentReceiveError, type DownMessage, type Duration, type Ref } from "@otp/core";
import { awaitReplyBy, forgetReply, isAwaited, type ProcessControl, TimerEntry } from "@otp/core/internal";

/** The message that brings a task's result to its owner; the DOWN of the same ref follows (TASK-1). */
export interface TaskReply<Result = unknown> {
  readonly type: "task_reply";
  readonly ref: Ref;
  readonly result: Result;
}

/** What is heard of a task. */
export type TaskNews = TaskReply | DownMessage;

/** What has been heard of the tasks that were waited for. */
export type Heard = ReadonlyMap<Ref, TaskNews>;

/** How long to wait, and what for. */
export interface WaitPlan<Value> {
  readonly timeout: Duration;
  /** Whether what was heard last ends the wait before all has been heard. */
  readonly isEnough?: (news: TaskNews, count: number) => boolean;
  /** Whether tasks that were not heard of in time are given up: no message of theirs will come. */
  readonly abandons: boolean;
  /** What to make of it; what it throws is the rejection. */
  readonly read: (heard: Heard) => Value;
}

/**
 * Waits until there is news of each ref, or enough of them, or the time is over, and settles with what is read out of it. The
 * promise is settled in the turn of the wait, without detours: whoever waits goes on before anything else happens (JS-4).
 *
 * @throws ConcurrentReceiveError when one of them is waited for already.
 */
export function gather<Value>(self: ProcessControl, refs: readonly Ref[], plan: WaitPlan<Value>): Promise<Value> {
  if (refs.some((ref) => isAwaited(self, ref))) {
    throw new ConcurrentReceiveError(
      `${self.pid} already waits for this task; a task is awaited once, so await the first wait before the second`,
    );
  }
  return new Promise((resolve, reject) => {
    const settle = (heard: Heard): void => {
      try {
        resolve(plan.read(heard));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error), { cause: error }));
      }
    };
    new Gathering(self, plan, settle).begin(refs);
  });
}

/** Gives up what may still come under `ref`: monitor, alias, and messages that are queued. */
export function abandon(self: ProcessControl, ref: Ref): void {
  self.demonitor(ref, { flush: true });
  self.mailbox?.remove((message) => isReply(message, ref));
}

/** Takes what has come under `ref` out of the mailbox: the reply where there is one, else the DOWN. */
export function takeNews(self: ProcessControl, ref: Ref): TaskNews | undefined {
  let news: TaskNews | undefined;
  self.mailbox?.remove((message) => {
    if (!isNews(message, ref)) return false;
    news = message;
    return true;
  });
  return news;
}

/** One wait. */
class Gathering extends TimerEntry {
  readonly #self: ProcessControl;
  readonly #plan: Omit<WaitPlan<unknown>, "read">;
  readonly #settle: (heard: Heard) => void;
  readonly #missing = new Set<Ref>();
  readonly #heard = new Map<Ref, TaskNews>();

  constructor(self: ProcessControl, plan: Omit<WaitPlan<unknown>, "read">, settle: (heard: Heard) => void) {
    super();
    this.#self = self;
    this.#plan = plan;
    this.#settle = settle;
  }

  begin(refs: readonly Ref[]): void {
    const { kernel } = this.#self;
    for (const ref of refs) this.#missing.add(ref);
    const isComplete = this.#lookBack(refs) || this.#missing.size === 0;
    if (isComplete && kernel.queue.spend(1)) {
      this.#giveUpMissing();
      this.#settle(this.#heard);
      return;
    }
    const { timeout } = this.#plan;
    // Also what is over at once goes through the run queue, so that a loop of looks starves nobody (JS-12).
    if (isComplete || timeout === 0) {
      this.#conclude();
      return;
    }
    for (const ref of this.#missing) {
      awaitReplyBy(this.#self, ref, {
        wants: (message) => isNews(message, ref),
        deliver: (message) => this.#deliver(ref, message),
      });
    }
    if (timeout === "infinity") return;
    kernel.timers.start(this, timeout);
    this.#self.ownTimer(this);
  }

  override expire(): void {
    this.#conclude();
  }

  runTurn(): boolean {
    if (!this.#self.isAlive) return false;
    this.#settle(this.#heard);
    return true;
  }

  /** True when what is queued is enough. */
  #lookBack(refs: readonly Ref[]): boolean {
    for (const ref of refs) {
      const news = takeNews(this.#self, ref);
      if (news !== undefined && this.#note(news)) return true;
    }
    return false;
  }

  #deliver(ref: Ref, message: unknown): void {
    if (!isNews(message, ref)) return;
    if (this.#note(message) || this.#missing.size === 0) this.#conclude();
  }

  #note(news: TaskNews): boolean {
    const { ref } = news;
    // The DOWN that would follow, or has followed, is of no interest any more.
    if (news.type === "task_reply") this.#self.demonitor(ref, { flush: true });
    this.#heard.set(ref, news);
    this.#missing.delete(ref);
    return this.#plan.isEnough?.(news, this.#heard.size) === true;
  }

  #conclude(): void {
    const { kernel } = this.#self;
    kernel.timers.cancel(this);
    this.#self.disownTimer(this);
    for (const ref of this.#missing) forgetReply(this.#self, ref);
    this.#giveUpMissing();
    kernel.queue.push(this);
  }

  #giveUpMissing(): void {
    if (this.#plan.abandons) for (const ref of this.#missing) abandon(this.#self, ref);
  }
}

function isNews(message: unknown, ref: Ref): message is TaskNews {
  return isReply(message, ref) || (isAbout(message, ref) && message.type === "DOWN");
}

function isReply(message: unknown, ref: Ref): message is TaskReply {
  return isAbout(message, ref) && message.type === "task_reply";
}

function isAbout(message: unknown, ref: Ref): message is { readonly type: unknown; readonly ref: Ref } {
  return (
    typeof message === "object" && message !== null && "type" in message && "ref" in message && message.ref === ref
  );
}
