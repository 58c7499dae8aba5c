/** Those who wait for news of a peer: that it is connected or cannot be, or that it has taken more of what was sent to it. */

/** Those who wait, by peer, in the order in which they came. */
export class WaitingRoom<News> {
  readonly #waiting = new Map<string, ((news: News) => void)[]>();

  /** Whether there is a room for `peer`, with or without somebody in it. */
  has(peer: string): boolean {
    return this.#waiting.has(peer);
  }

  /** The peers of whom news are awaited. */
  peers(): string[] {
    return [...this.#waiting.keys()];
  }

  /** Makes a room for `peer`; those who enter it wait for the next news. */
  prepare(peer: string): void {
    if (!this.#waiting.has(peer)) this.#waiting.set(peer, []);
  }

  /** Keeps `resume` until there are news. */
  enter(peer: string, resume: (news: News) => void): void {
    this.prepare(peer);
    this.#waiting.get(peer)?.push(resume);
  }

  /** Here are the news: everybody goes on, and the room is gone. */
  tell(peer: string, news: News): void {
    const waiting = this.#waiting.get(peer) ?? [];
    this.#waiting.delete(peer);
    for (const resume of waiting) resume(news);
  }
}
