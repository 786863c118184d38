// Training while one watches: in slices, each of which is drawn, so that it can be stopped and gone back to.

/** Settings that change no trained network: what is scaled, shown or looked at afterwards. */
const AFTERWARDS = ["k", "w", "b", "y", "j", "x", "m", "z"];

class Trainer {
  /** `source` gives views; `controls` knows the defaults of a query; `partial(answer, wanted)` shows what is reached so far. */
  constructor(source, controls, partial) {
    Object.assign(this, { source, controls, partial, course: new Course(), target: null, paused: null, watched: false });
    /** The network that the source has trained, and how far. */
    this.reached = { key: null, step: 0 };
  }

  static key(query) {
    return without(query, AFTERWARDS);
  }

  /** Whether a training is under way. */
  get running() {
    return this.target !== null;
  }

  /** The target of a training that is under way, if a query is about the same network. */
  targetFor(query) {
    return this.running && Trainer.key(query) === this.reached.key ? this.target : undefined;
  }

  /**
   * The answer to a wish, { query, target, watch }: that of its query, and then of more and more steps up to `target`. Every
   * slice but the last is shown as a part. `begun` is called once the first is.
   */
  async reach({ query, target, watch }, { signal, progress }, begun) {
    const wanted = Math.max(target ?? 0, Course.step(query));
    const known = Trainer.key(query) === this.reached.key ? this.reached.step : 0;
    let step = Math.min(Course.step(query), Math.max(known, this.course.furthest(query)));
    if (wanted === step || !this.source.live) return this.fetch(query, { signal, progress });
    const pace = new Pace(watch ? 5 : 500);
    Object.assign(this, { target: wanted, watched: Boolean(watch) });
    try {
      let answer = await this.fetch(atStep(query, step, this.controls), { signal, progress });
      while (step < wanted && !answer.view.training.overflow) {
        const drawn = performance.now();
        this.partial(answer, wanted);
        begun();
        await Trainer.frame(signal);
        const asked = performance.now();
        step = Math.min(wanted, step + pace.slice);
        answer = await this.fetch(atStep(answer.view.query, step, this.controls), { signal, progress });
        pace.took(performance.now() - asked, asked - drawn);
      }
      this.paused = null;
      return answer;
    } finally {
      this.target = null;
    }
  }

  async fetch(query, options) {
    const saved = this.course.of(query);
    if (saved) return saved;
    const answer = await this.source.view(query, options);
    const { view } = answer;
    const key = Trainer.key(view.query);
    const steps = view.training.losses.length;
    if (key !== this.reached.key) this.paused = null;
    this.reached = { key, step: key === this.reached.key ? Math.max(this.reached.step, steps) : steps };
    this.course.save(answer);
    return answer;
  }

  /** Waits until what was drawn is on the screen; a page that nobody sees draws nothing and goes on. */
  static frame(signal) {
    return new Promise((done, fail) => {
      const late = setTimeout(done, 250);
      requestAnimationFrame(() => {
        clearTimeout(late);
        done();
      });
      signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    });
  }
}
