/**
 * What each door exports, as a list that changes only on purpose. After a change of the API: `npx vitest run test/pack -u`,
 * and the difference of the list is what the changelog has to tell.
 */
import { describe, expect, it } from "vitest";

import { doorSources } from "./doors.ts";
import { exportsOf } from "./exports.ts";

const doors = doorSources();

describe("the doors", () => {
  it.each(doors)("$door exports what the list says", async ({ door, source }) => {
    const list = `${exportsOf(source).join("\n")}\n`;
    await expect(list).toMatchFileSnapshot(`doors/${door.replace("@otp/", "").replace("/", "-")}.txt`);
  });

  it.each(doors)("$door has the values that its list names", async ({ door, source }) => {
    const values = exportsOf(source).filter((name) => !name.startsWith("type "));
    const module: object = await import(door);
    expect(Object.keys(module).toSorted()).toEqual(values.toSorted());
  });
});
