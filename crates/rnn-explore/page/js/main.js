// The explorer: connects controls and figures.

class Explorer {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    const grid = document.getElementById("explorer-grid");
    this.source = grid ? new Grid(grid) : server;
    this.presets = JSON.parse(document.getElementById("explorer-presets").textContent);
    this.address = new Address(this.source.live);
    this.controls = new Controls(this.find(".controls"), [this.find("[name=y]"), this.find("[name=j]")]);
    this.figures = makeFigures();
    this.held = null;
    this.view = null;
    this.hovered = null;
    /** How long the latest change took, in milliseconds: to the answer, and to the end of drawing. */
    this.timing = null;
    this.latest = new Latest(
      (wish, signal) => this.ask(wish, signal),
      (answer, wish) => this.show(answer, wish),
      (error, wish) => this.fail(error, wish),
    );
    this.build();
    this.restore();
  }

  build() {
    this.find("[data-charts]").append(...this.figures.map(({ root }) => root));
    for (const figure of this.figures) {
      for (const plot of figure.plots) {
        if (overTime(figure)) plot.followPointer((t) => this.hover(t), (t) => this.choose(t));
      }
      figure.root.querySelector("[data-save=svg]").addEventListener("click", () => saveSvg(figure));
      figure.root.querySelector("[data-save=png]").addEventListener("click", () => savePng(figure));
    }
    if (!this.source.live) this.fitToGrid();
    this.buildPresets();
    this.controls.onChange((done, key) => this.changed(done, key));
    this.root.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button?.dataset.do) this[button.dataset.do]();
      if (button?.dataset.train) this.train(Number(button.dataset.train));
    });
    this.find("details.table").addEventListener("toggle", () => this.showTable());
    this.address.onMove(() => this.restore());
  }

  /** Gives the sliders the steps of the report's grid. */
  fitToGrid() {
    for (const [key, values] of [["w", this.source.weights], ["b", this.source.biases]]) {
      for (const element of [this.controls.elements.get(key), this.controls.mirrors.get(key)]) {
        Object.assign(element, { min: values[0], max: values[values.length - 1], step: values[1] - values[0] });
      }
    }
  }

  buildPresets() {
    this.find("[data-presets]").innerHTML = this.presets.map(({ title }, k) => `<li><button type="button" data-preset="${k}" aria-pressed="false">${escapeText(title)}</button></li>`).join("");
    this.find("[data-presets]").addEventListener("click", ({ target }) => {
      if (target.dataset.preset === undefined) return;
      this.controls.show(this.presets[target.dataset.preset].query);
      this.changed(true);
    });
  }

  /** Sets the controls from a query. */
  go(query) {
    this.controls.show(query);
    this.changed(true);
  }

  /** A control has changed. Dragging writes no history until it ends; key presses in quick succession are one entry. */
  changed(done, key = null) {
    const again = key !== null && key === this.moved?.key && performance.now() - this.moved.at < 1000;
    if (done) this.moved = { key, at: performance.now() };
    if (done && !again) this.step = true;
    this.want({ query: this.controls.query(), write: done });
  }

  want(wish) {
    this.latest.want({ ...wish, since: performance.now() });
  }

  /** From the address, at the start and after going back or forward. */
  restore() {
    const { query, held } = this.address.read();
    this.heldQuery = held;
    this.controls.show(query);
    this.step = false;
    this.want({ query, write: true });
  }

  async ask(wish, signal) {
    const progress = ({ steps, wanted }) => {
      this.find("[data-trained]").textContent = `Training: ${steps} of ${wanted} steps …`;
    };
    // A select element, and a slider that is released, request the same view twice.
    const known = this.known?.query === wish.query;
    const answer = known ? this.known.answer : await this.source.view(wish.query, { signal, progress });
    this.known = { query: wish.query, answer };
    if (this.heldQuery === null || this.heldQuery === undefined) this.held = null;
    else if (this.held?.query !== this.heldQuery) {
      try {
        const { view } = await this.source.view(this.heldQuery, { signal, progress });
        this.held = view;
        this.heldQuery = view.query;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // A bad A must not prevent the rest from being shown.
        this.held = this.heldQuery = null;
        return { ...answer, notices: [...answer.notices, `There is no A: ${error.message}`], answered: performance.now() };
      }
    }
    return { ...answer, answered: performance.now() };
  }

  show({ view, notices, answered }, wish) {
    this.view = view;
    // Shows the settings as the program adjusted them, unless the user has changed them again.
    if (!this.latest.waiting) this.controls.show(view.query, !wish.write);
    this.setNotice([wish.refused, ...notices].filter(Boolean).join(" "));
    if (wish.write) {
      this.address.write(view.query, this.held ? this.held.query : null, this.step);
      this.step = false;
    }
    this.draw();
    this.timing = { total: performance.now() - wish.since, answer: answered - wish.since, draw: performance.now() - answered };
    this.root.dispatchEvent(new CustomEvent("explorer:drawn", { detail: this.timing }));
  }

  fail(error, wish) {
    if (!(error instanceof Refused)) console.error(error);
    this.setNotice(error instanceof Refused ? error.message : `Something is wrong with this page: ${error.message}`);
    this.root.dispatchEvent(new CustomEvent("explorer:failed", { detail: error.message }));
    // An address that cannot be read opens the page with its defaults, and a notice.
    if (this.view || wish.refused) return;
    this.heldQuery = null;
    this.controls.show("");
    this.want({ query: "", refused: error.message });
  }

  setNotice(text) {
    const notice = this.find("[data-notice]");
    notice.textContent = text;
    notice.hidden = text === "";
  }

  draw() {
    const { view, held } = this;
    for (const figure of this.figures) figure.update(view, held);
    this.find("[data-summary]").innerHTML = subscriptedHtml(view.summary);
    this.sayLater(view.summary);
    this.showFacts();
    this.showControls();
    this.showTable();
    this.markTimestep();
  }

  /** Announces the summary to screen readers once the user pauses. */
  sayLater(text) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.find("[data-live]").textContent = text;
    }, 700);
  }

  /** The numbers that the notebook prints, with those of A. */
  showFacts() {
    const facts = (view) => {
      const { gradient, hidden, ratio, rate, predicted } = view.layers[view.layer];
      const [first, last] = [gradient[0], gradient[gradient.length - 1]];
      const lossOf = view.settings.loss === "all" ? "dL_T" : "dL";
      return [
        ["Largest eigenvalue magnitude of W_hh", predicted?.radius],
        ["Loss", view.loss],
        ["‖h_T‖", hidden[hidden.length - 1]],
        ["‖dL/dh_1‖", first],
        ["‖dL/dh_T‖", last],
        [`‖${lossOf}/dh_1‖ over ‖${lossOf}/dh_T‖`, ratio],
        ["Mean factor per step back", rate],
      ];
    };
    // An LSTM and a GRU have no single W_hh.
    const before = this.held ? facts(this.held) : [];
    const all = facts(this.view).map((fact, k) => [...fact, k]);
    const html = all.filter(([, value, k]) => value !== undefined || before[k]?.[1] !== undefined).map(([name, value, k]) => `<div><dt>${subscriptedHtml(name)}</dt><dd>${format(value)}${this.held ? ` <small>A: ${format(before[k][1])}</small>` : ""}</dd></div>`);
    this.find("[data-facts]").innerHTML = html.join("");
  }

  showControls() {
    const { settings, training } = this.view;
    const trained = training.losses.length;
    this.find("[data-trained]").textContent = trained === 0 ? "Untrained." : `${trained} ${trained === 1 ? "step" : "steps"} of training. The sliders scale what was learned.`;
    this.find("[data-do=untrain]").disabled = settings.trained === 0;
    for (const button of this.root.querySelectorAll("[data-train]")) button.disabled = settings.trained >= this.mostSteps;
    for (const name of ["swap", "drop"]) this.find(`[data-do=${name}]`).disabled = !this.held;
    this.find("[data-held]").textContent = this.held ? `A is held: ${this.held.summary.split(" Loss")[0]} It is dotted in the charts.` : "Hold what you see as A, then change anything.";
    const at = this.presets.findIndex(({ query }) => query === this.view.query);
    for (const [k, button] of [...this.root.querySelectorAll("[data-preset]")].entries()) button.setAttribute("aria-pressed", String(k === at));
    this.find("[data-lesson]").textContent = this.presets[at]?.lesson ?? "";

    this.showCritical(this.view.critical_scale ?? undefined);
  }

  /** The weight scales at which the spectral radius is 1, under the slider. */
  showCritical(scale) {
    const { min, max } = this.controls.elements.get("w");
    const [low, high] = [Number(min), Number(max)];
    const shown = scale <= high ? [-scale, scale] : [];
    const at = (s) => (s - low) / (high - low);
    // The thumb of a slider is 16 pixels wide: its middle stays 8 pixels from either end.
    this.find("[data-marks]").innerHTML = shown.map((s) => `<i style="left:calc(8px + ${at(s).toFixed(4)} * (100% - 16px))"></i>`).join("");
    this.find("[data-critical]").textContent = scale === undefined ? "" : shown.length > 0 ? `At ±${format(scale)}, the marks, the spectral radius is 1.` : `The spectral radius is 1 at a scale of ${format(scale)}, beyond the slider.`;
  }

  showTable() {
    if (this.view && this.find("details.table").open) this.find("[data-table]").innerHTML = tableHtml(this.view);
  }

  /** The marked timestep: the one below the pointer, or the chosen one. */
  get marked() {
    const { time, timestep } = this.view.settings;
    return Math.min(this.hovered ?? (timestep || time), time);
  }

  markTimestep() {
    for (const figure of this.figures) figure.mark(this.marked);
    this.find("[data-marked]").textContent = String(this.marked);
  }

  hover(t) {
    if (!this.view || t === this.hovered) return;
    this.hovered = t;
    this.markTimestep();
  }

  choose(t) {
    this.controls.set("j", t === this.view.settings.time ? "0" : String(t));
    this.changed(true);
  }

  /** The largest number of training steps. */
  get mostSteps() {
    return Number(this.controls.elements.get("k").dataset.max);
  }

  train(steps) {
    const before = Number(this.controls.get("k"));
    this.controls.set("k", String(Math.min(this.mostSteps, before + steps)));
    this.changed(true);
  }

  untrain() {
    this.controls.set("k", "0");
    this.changed(true);
  }

  /** Chooses a seed at random, which the address then holds. */
  redraw() {
    this.controls.set("s", String(crypto.getRandomValues(new Uint32Array(1))[0] % 100_000));
    this.changed(true);
  }

  hold() {
    this.heldQuery = this.view.query;
    this.held = this.view;
    this.changed(true);
  }

  swap() {
    const now = this.view.query;
    this.controls.show(this.heldQuery);
    this.held = this.view;
    this.heldQuery = now;
    this.changed(true);
  }

  drop() {
    this.heldQuery = null;
    this.changed(true);
  }

  csv() {
    download("explorer.csv", "text/csv;charset=utf-8", `\ufeff${csv(this.view)}`);
  }

  json() {
    download("explorer.json", "application/json", `${JSON.stringify(this.held ? { now: this.view, a: this.held } : this.view, null, 1)}\n`);
  }

  snippet() {
    download("main.rs", "text/plain;charset=utf-8", this.view.snippet);
    this.say("The program is saved as main.rs; the crates it needs are those of this repository.");
  }

  async link() {
    const link = new URL(this.address.of(this.view.query, this.held ? this.held.query : null), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      this.say("The link is in the clipboard.");
    } catch {
      this.say(link);
    }
  }

  say(text) {
    this.find("[data-copied]").textContent = text;
  }
}

document.querySelector(".explorer").explorer = new Explorer(document.querySelector(".explorer"));
