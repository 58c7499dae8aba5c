/** Whether two worlds delivered the same messages, in orders that are both allowed. */
import { expect } from "vitest";

import type { Delivery } from "./process-model.ts";

/** The same messages in the order that came about, which must be that of each sender (SIG-1, SIG-2). */
export function inOrderOf(expected: readonly Delivery[], texts: readonly string[]): Delivery[] {
  expect(texts.toSorted()).toEqual(expected.map(({ text }) => text).toSorted());
  const left = [...expected];
  const found = texts.flatMap((text) =>
    left.splice(
      left.findIndex((message) => message.text === text),
      1,
    ),
  );
  for (const from of new Set(expected.map((message) => message.from))) {
    const of = (messages: readonly Delivery[]): string[] =>
      messages.filter((one) => one.from === from).map((one) => one.text);
    expect(of(found), `messages of ${from}`).toEqual(of(expected));
  }
  return found;
}
