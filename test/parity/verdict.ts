/**
 * Compares what both sides have seen of a program.
 *
 * Two orders are open in Erlang itself, and nothing else is let pass: that of the EXIT and DOWN messages which one step brings
 * to one mailbox, for they come from different senders or from one end; and that in which servers hear, all at once, of
 * the end of what they are linked to. A supervisor that stops its children says `shutdown`, and there the order counts.
 */

/** What came of a comparison: the same, the same up to an order that is open, or a difference in words. */
export type Verdict = { readonly type: "same" | "open" } | { readonly type: "different"; readonly text: string };

/** Compares line by line. */
export function compare(ours: string, theirs: string): Verdict {
  const [one, other] = [ours.split("\n"), theirs.split("\n")];
  const supervisors = new Map<string, string>();
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [left = "", right = ""] = [one[at], other[at]];
    noteChildren(left, supervisors);
    if (left === right || isSameTale(left, right, supervisors)) continue;
    // Whoever takes the first of them goes on differently from here.
    if (isSameBox(left, right) || isSameTaken(one.slice(at), other.slice(at))) return { type: "open" };
    const before = one.slice(Math.max(0, at - 12), at).join("\n");
    const text = `${before}\n--- here\n${lines(one, at)}\n--- in Erlang\n${lines(other, at)}`;
    return { type: "different", text };
  }
  return { type: "same" };
}

function lines(all: readonly string[], at: number): string {
  return all.slice(at, at + 5).join("\n");
}

/** Remembers whose child a process is, where a line tells. */
function noteChildren(line: string, supervisors: Map<string, string>): void {
  const [, name = "", children = ""] = /^ {2}(p\d+) .* children\[(.*)\]$/u.exec(line) ?? [];
  for (const [, child = ""] of children.matchAll(/(p\d+)\}/gu)) supervisors.set(child, name);
}

/** Whether two lines of events differ only in the order of ends that are heard of at once. */
function isSameTale(left: string, right: string, supervisors: ReadonlyMap<string, string>): boolean {
  const [one, other] = [wordsOf(left), wordsOf(right)];
  const isOrdered = (word: string): boolean => !word.includes(":{terminate ");
  const stopOf = (word: string): string | undefined =>
    word.includes(":{terminate shutdown ") ? (supervisors.get(nameOf(word)) ?? "") : undefined;
  const isSameStop = (supervisor: string | undefined): boolean =>
    supervisor === undefined ||
    isSame(
      one.filter((word) => stopOf(word) === supervisor),
      other.filter((word) => stopOf(word) === supervisor),
    );
  return (
    isSame(one.toSorted(), other.toSorted()) &&
    isSame(one.filter(isOrdered), other.filter(isOrdered)) &&
    isSame(byProcess(one), byProcess(other)) &&
    one.map(stopOf).every(isSameStop)
  );
}

function wordsOf(line: string): readonly string[] {
  return line.split(/(?=\+p\d+ |p\d+[:=])/u);
}

function nameOf(word: string): string {
  return /p\d+/u.exec(word)?.[0] ?? "";
}

function byProcess(words: readonly string[]): readonly string[] {
  return words.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

/** Whether two mailboxes differ only in the order of EXIT and DOWN messages. */
function isSameBox(left: string, right: string): boolean {
  const [one, other] = [boxOf(left), boxOf(right)];
  if (one === undefined || other === undefined || one.around !== other.around) return false;
  return (
    isSame(one.messages.toSorted(), other.messages.toSorted()) &&
    isSame(one.messages.filter(isNoEnd), other.messages.filter(isNoEnd))
  );
}

function isNoEnd(message: string): boolean {
  return !/^(?:EXIT|DOWN) /u.test(message);
}

/** Whether the first of the EXIT and DOWN messages of one step was taken at once, and the others are what is left. */
function isSameTaken(one: readonly string[], other: readonly string[]): boolean {
  const [left, right] = [wordsOf(one[0] ?? ""), wordsOf(other[0] ?? "")];
  const differing = left.flatMap((word, at) => (word === right[at] ? [] : [[word, right[at] ?? ""] as const]));
  const [pair] = differing;
  if (pair === undefined || differing.length > 1 || left.length !== right.length) return false;
  const [mine, theirs] = pair.map((word) => /^(?<name>p\d+)= (?<end>(?:EXIT|DOWN) .*?) $/u.exec(word)?.groups);
  const name = mine?.["name"];
  if (name === undefined || name !== theirs?.["name"]) return false;
  const endsOf = (lines: readonly string[], taken: string): readonly string[] | undefined => {
    const box = boxOf(lines.slice(1).find((line) => !line.startsWith("  ") || line.startsWith(`  ${name} `)) ?? "");
    return box && [box.around, ...box.messages.filter(isNoEnd), ...[taken, ...box.messages].toSorted()];
  };
  const ours = endsOf(one, mine?.["end"] ?? "");
  const others = endsOf(other, theirs?.["end"] ?? "");
  return ours !== undefined && others !== undefined && isSame(ours, others);
}

function boxOf(line: string): { readonly around: string; readonly messages: readonly string[] } | undefined {
  const parts = /^(?<before> {2}p.* box\[)(?<messages>.*)\]$/u.exec(line)?.groups;
  if (parts === undefined) return undefined;
  return { around: parts["before"] ?? "", messages: (parts["messages"] ?? "").split("; ") };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
