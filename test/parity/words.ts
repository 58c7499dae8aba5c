/** Terms in the words that both sides use: processes and refs by number, errors without their stacks. */
import { ArgumentError, CallError, Pid, Ref, TIMEOUT } from "@otp/core";

/** Processes and refs in the order in which they became known. */
export class Names {
  readonly pids: Pid[] = [];
  readonly refs: Ref[] = [];

  /** `p3`, `r0`, or `?` for what nobody has told of. */
  of(item: Pid | Ref): string {
    const [letter, all] = item instanceof Ref ? ["r", this.refs] : ["p", this.pids];
    const at = all.findIndex((other) => other === item || String(other) === String(item));
    return at < 0 ? "?" : `${letter}${String(at)}`;
  }

  /** A term in words. */
  text(term: unknown): string {
    if (term instanceof Pid || term instanceof Ref) return this.of(term);
    if (term === TIMEOUT) return "timeout";
    if (term instanceof ArgumentError) return "error badarg";
    if (term instanceof CallError) return `call ${this.text(term.reason)}`;
    if (term instanceof Error) return `error ${term.message}`;
    if (Array.isArray(term)) return `[${term.map((one) => this.text(one)).join(" ")}]`;
    if (typeof term !== "object" || term === null) return String(term);
    return this.#tagged(term);
  }

  #tagged(term: object): string {
    if (!("type" in term)) {
      const [[key, value] = ["", undefined]] = Object.entries(term);
      if (key === "nocatch") return `nocatch ${this.text(value)}`;
      return `{${snake(key)} ${typeof value === "object" && isRecord(value) ? this.#fields(value) : this.text(value)}}`;
    }
    const { type, ...rest } = term;
    const fields = Object.values(rest).map((value) => this.text(value));
    if (type === "message") return `m${fields.join("")}`;
    if (type === "EXIT" || (type === "timeout" && fields.length === 0)) return [type, ...fields].join(" ");
    if (type === "DOWN" && "object" in term && "ref" in term && "reason" in term) {
      return ["DOWN", this.text(term.ref), this.objectOf(term.object), this.text(term.reason)].join(" ");
    }
    return `{${[String(type), ...fields].filter((word) => word !== "").join(" ")}}`;
  }

  #fields(value: object): string {
    const values = Object.values(value);
    return values.length === 1 ? this.text(value) : values.map((one) => this.text(one)).join(" ");
  }

  /** What a monitor was set on. */
  objectOf(object: unknown): string {
    return typeof object === "object" && object !== null && "name" in object
      ? `name ${String(object.name)}`
      : this.text(object);
  }

  /** Names of processes in brackets, sorted. */
  sorted(words: readonly (Pid | string)[]): string {
    const all = words.map((word) => (typeof word === "string" ? word : this.of(word)));
    return `[${all.toSorted().join(" ")}]`;
  }
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

function isRecord(value: object | null): value is object {
  if (value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype && !("type" in value);
}
