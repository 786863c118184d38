// Requests without a queue: one is in progress, and only the newest one waits.

class Latest {
  /** `ask(wish, signal)` returns an answer; `show(answer, wish)` is called with answers in the order of their requests. */
  constructor(ask, show, fail) {
    Object.assign(this, { ask, show, fail, waiting: null, running: null });
  }

  /** Requests an answer, in place of a request that waits. A request that has run for long is aborted. */
  want(wish) {
    this.waiting = wish;
    if (!this.running) this.#next();
    else if (performance.now() - this.running.since > Latest.PATIENCE) this.running.stop.abort();
  }

  /** Whether a request is in progress. */
  get busy() {
    return this.running !== null;
  }

  /** Milliseconds after which a request is aborted in favour of a newer one. */
  static PATIENCE = 400;

  async #next() {
    const wish = this.waiting;
    this.waiting = null;
    this.running = { stop: new AbortController(), since: performance.now() };
    // A request that arrives earlier must not wait for a long training either.
    const watch = setInterval(() => this.waiting && this.want(this.waiting), Latest.PATIENCE);
    try {
      const answer = await this.ask(wish, this.running.stop.signal);
      this.show(answer, wish);
    } catch (error) {
      if (error.name !== "AbortError") this.fail(error, wish);
    } finally {
      clearInterval(watch);
      this.running = null;
      if (this.waiting) this.#next();
    }
  }
}
