// Requests without a queue: one is in progress, and only the newest one waits.

class Latest {
  /** `ask(wish, signal)` returns an answer; `show(answer, wish)` is called with answers in the order of their requests. */
  constructor(ask, show, fail) {
    Object.assign(this, { ask, show, fail, waiting: null, running: null, aborted: false });
  }

  /**
   * Requests an answer, in place of a request that waits. A request that has run for long is aborted, but never two in a row: a
   * slider that is dragged over slow views shows at least every second one. What `yielded` is aborted at once.
   */
  want(wish) {
    this.waiting = wish;
    if (!this.running) this.#next();
    else if (this.running.yields || (!this.aborted && performance.now() - this.running.since > Latest.PATIENCE)) this.stop();
  }

  /** Marks the request in progress as one that any newer one may end, as it is once a part of it is shown. */
  yielded() {
    if (this.running) this.running.yields = true;
  }

  /** Aborts the request in progress. */
  stop() {
    if (!this.running || this.running.stop.signal.aborted) return;
    if (!this.running.yields) this.aborted = true;
    this.running.stop.abort();
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
    this.running = { stop: new AbortController(), since: performance.now(), yields: false };
    // A request that arrives earlier must not wait for a slow one either.
    const watch = setInterval(() => this.waiting && this.want(this.waiting), Latest.PATIENCE);
    try {
      const answer = await this.ask(wish, this.running.stop.signal);
      this.aborted = false;
      this.show(answer, wish);
    } catch (error) {
      if (error.name !== "AbortError") {
        this.aborted = false;
        this.fail(error, wish);
      }
    } finally {
      clearInterval(watch);
      this.running = null;
      if (this.waiting) this.#next();
    }
  }
}
