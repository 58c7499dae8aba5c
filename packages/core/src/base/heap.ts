/** A binary min-heap whose order is given once. */

/** Keeps the least element (by `before`) at hand. */
export class Heap<Element> {
  readonly #items: Element[] = [];
  readonly #before: (a: Element, b: Element) => boolean;

  constructor(before: (a: Element, b: Element) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least element, `undefined` when empty. */
  peek(): Element | undefined {
    return this.#items[0];
  }

  push(element: Element): void {
    const items = this.#items;
    let at = items.length;
    items.push(element);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !this.#before(element, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = element;
  }

  /** Takes the least element, `undefined` when empty. */
  pop(): Element | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (least !== undefined && last !== undefined && items.length > 0) this.#sink(last);
    return least;
  }

  #sink(element: Element): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let smaller = items[child];
      if (smaller === undefined) break;
      const other = items[child + 1];
      if (other !== undefined && this.#before(other, smaller)) {
        child += 1;
        smaller = other;
      }
      if (!this.#before(smaller, element)) break;
      items[at] = smaller;
      at = child;
    }
    items[at] = element;
  }
}
