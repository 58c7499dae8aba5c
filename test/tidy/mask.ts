/**
 * Source text with everything that is not code blanked out, so that rules can look for words without a parser: a comment
 * that mentions a forbidden cast is no cast. Lines and columns stay where they are.
 */

/** Blanks comments and the insides of strings, templates and regular expressions. */
export function maskProse(source: string): string {
  return new Scanner(source).run();
}

const spaces = (text: string): string => text.replaceAll(/[^\n]/g, " ");

class Scanner {
  readonly #source: string;
  #at = 0;
  #out = "";
  /** For each template literal being read, how many braces are open inside its current `${`. */
  readonly #templates: number[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  run(): string {
    while (this.#at < this.#source.length) this.#step();
    return this.#out;
  }

  #step(): void {
    if (this.#take(/[^"'`/{}]+/y, (code) => code)) return;
    const char = this.#source.charAt(this.#at);
    if (this.#take(/\/\/[^\n]*|\/\*[\s\S]*?\*\//y, spaces)) return;
    if (this.#take(/"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y, hollow)) return;
    if (
      char === "/" &&
      this.#mayStartRegex() &&
      this.#take(/\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y, hollow)
    )
      return;
    if (char === "`") return this.#template();
    if (char === "{" && this.#templates.length > 0) this.#templates.push((this.#templates.pop() ?? 0) + 1);
    if (char === "}" && this.#templates.length > 0) {
      const open = this.#templates.pop() ?? 0;
      if (open === 0) return this.#template();
      this.#templates.push(open - 1);
    }
    this.#emit(char);
  }

  /** Reads template text from its backtick, or from the brace that ends a substitution. */
  #template(): void {
    this.#emit(this.#source.charAt(this.#at));
    this.#take(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y, spaces);
    if (this.#take(/\$\{/y, (text) => text)) this.#templates.push(0);
    else this.#emit(this.#source.charAt(this.#at));
  }

  #mayStartRegex(): boolean {
    return /(?:^|[(,=:[!&|?{};+\-*<>]|\breturn|\btypeof|\bcase)\s*$/.test(this.#out.slice(-40));
  }

  #take(pattern: RegExp, show: (text: string) => string): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined || found === "") return false;
    this.#out += show(found);
    this.#at += found.length;
    return true;
  }

  #emit(text: string): void {
    this.#out += text;
    this.#at += text.length;
  }
}

/** Keeps the delimiters, so that `"x"` stays recognisable as an argument. */
function hollow(text: string): string {
  return text.charAt(0) + spaces(text.slice(1, -1)) + text.slice(-1);
}
