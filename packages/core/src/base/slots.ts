/** Room for elements to come. */

/** An array of that length with nothing in it. `Array.from` would fill it, one by one, at ten times the cost. */
export function emptySlots<Element>(length: number): (Element | undefined)[] {
  // oxlint-disable-next-line unicorn/no-new-array
  return new Array<Element | undefined>(length);
}
