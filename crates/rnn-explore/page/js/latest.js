// Requests that never queue: one is under way, and only the newest wish waits.

class Latest {
  /** `ask(wish, signal)` gives an answer; `show(answer, wish)` sees those that are newer than the one before. */
  constructor(ask, show, fail) {
    Object.assign(this, { ask, show, fail, waiting: null, running: null });
  }

  /** Wishes replace each other. One that has been under way for long is given up for a newer one. */
  want(wish) {
    this.waiting = wish;
    if (!this.running) this.#next();
    else if (performance.now() - this.running.since > Latest.PATIENCE) this.running.stop.abort();
  }

  /** Whether something is under way. */
  get busy() {
    return this.running !== null;
  }

  /** How many milliseconds an answer may take before a newer wish cuts it short. */
  static PATIENCE = 400;

  async #next() {
    const wish = this.waiting;
    this.waiting = null;
    this.running = { stop: new AbortController(), since: performance.now() };
    // A wish that comes before PATIENCE has passed must not wait for a long training, either.
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
