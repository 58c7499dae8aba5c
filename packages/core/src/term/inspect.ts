/** How terms print in Node's own `console.log` and `util.inspect`. */
const custom = Symbol.for("nodejs.util.inspect.custom");

/** Makes instances of `type` print as their `toString()`. */
export function printAsString(type: { readonly prototype: object }): void {
  Object.defineProperty(type.prototype, custom, {
    configurable: true,
    value(this: { toString(): string }): string {
      return this.toString();
    },
  });
}
