// The saved steps of one training: views that were shown while it ran, to go back to without training again.

class Course {
  #views = new Map();
  #key = null;

  /** All settings but the number of steps, and what is only looked at. */
  static key(query) {
    return without(query, ["k", "y", "j"]);
  }

  static step(query) {
    return Number(new URLSearchParams(query).get("k") ?? 0);
  }

  /** Keeps an answer. Another network begins another course. */
  save(answer) {
    const { view } = answer;
    const key = Course.key(view.query);
    if (key !== this.#key) this.#views.clear();
    this.#key = key;
    this.#views.set(Course.step(view.query), answer);
    this.#thin(view.settings);
  }

  /** Larger views are kept less often: every second one is dropped when there are too many. */
  #thin({ hidden, time }) {
    const most = Math.min(200, Math.max(20, Math.round(5e5 / (hidden * time))));
    if (this.#views.size <= most) return;
    const steps = this.steps;
    steps.slice(1, -1).filter((_, k) => k % 2 === 0).forEach((step) => this.#views.delete(step));
  }

  /** The saved steps, in order. */
  get steps() {
    return [...this.#views.keys()].sort((a, b) => a - b);
  }

  /** The answer to a query, if it is saved just so. */
  of(query) {
    if (Course.key(query) !== this.#key) return undefined;
    const answer = this.#views.get(Course.step(query));
    return answer?.view.query === query ? answer : undefined;
  }

  /** The query of a saved step. */
  query(step) {
    return this.#views.get(step)?.view.query;
  }

  /** The furthest step that is known on the way to a query. */
  furthest(query) {
    if (Course.key(query) !== this.#key) return 0;
    return Math.max(0, ...this.steps.filter((step) => step <= Course.step(query)));
  }

  /** [{ step, radius, rate, loss }] for the chart. */
  get points() {
    return this.steps.map((step) => {
      const { view } = this.#views.get(step);
      const { rate, predicted } = view.layers[view.layer];
      return { step, radius: predicted?.radius ?? null, rate: rate ?? null, loss: view.loss };
    });
  }
}

/** A query with another number of training steps, in the order of the keys. */
function atStep(query, step, controls) {
  const pairs = new URLSearchParams(query);
  const all = new URLSearchParams({ v: "1" });
  for (const [key, first] of controls.defaults) {
    const value = key === "k" ? String(step) : pairs.get(key) ?? first;
    if (value !== first) all.append(key, value);
  }
  return String(all);
}

/**
 * How many steps to ask for at once: so many that they take some 150 milliseconds, and not less than a view and its drawing. Each slice is
 * drawn. `most` limits them, for a training that one wants to watch.
 */
class Pace {
  constructor(most = 500) {
    Object.assign(this, { most, slice: 1, least: Infinity });
  }

  /** Takes into account how many milliseconds the slice before took, and how many its drawing. */
  took(answering, drawing) {
    this.least = Math.min(this.least, answering);
    // What a view takes without training is no reason to train less in between.
    if (answering < Math.max(120, 2 * drawing, 2 * this.least)) this.slice = Math.min(this.most, this.slice * 2);
    else if (answering > Math.max(250, 4 * drawing, 4 * this.least)) this.slice = Math.max(1, this.slice >> 1);
  }
}
