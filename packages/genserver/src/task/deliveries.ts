/** Which elements of a stream run, and which results are due: order and concurrency, decided apart from any process. */

/** How a stream goes about its elements. */
export interface DeliveryRules {
  /** Whether results come in the order of the input instead of that of their completion. */
  readonly isOrdered: boolean;
  /** How many elements may run at a time. */
  readonly maxConcurrency: number;
}

/** The elements of one stream that are under way, by their positions in the input. */
export class Deliveries<Item extends object> {
  readonly #rules: DeliveryRules;
  /** Results that are not delivered yet; a `Map` keeps them in the order of completion. */
  readonly #ready = new Map<number, Item>();
  #started = 0;
  #running = 0;
  /** The position whose result is the next in order. */
  #due = 0;

  constructor(rules: DeliveryRules) {
    this.#rules = rules;
  }

  /** Whether one more element may run now. */
  get mayStart(): boolean {
    return this.#running < this.#rules.maxConcurrency;
  }

  /** Whether nothing runs and nothing waits to be delivered. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#ready.size === 0;
  }

  /** Counts an element as running; its position. */
  start(): number {
    this.#running += 1;
    this.#started += 1;
    return this.#started - 1;
  }

  /** Notes the result of a running element. */
  finish(position: number, item: Item): void {
    this.#running -= 1;
    this.#ready.set(position, item);
  }

  /** Takes the result that is to be delivered next, if there is one. */
  take(): Item | undefined {
    const [position] = this.#rules.isOrdered ? [this.#due] : this.#ready.keys();
    const item = position === undefined ? undefined : this.#ready.get(position);
    if (position === undefined || item === undefined) return undefined;
    this.#ready.delete(position);
    this.#due += 1;
    return item;
  }
}
