// The explorer: connects controls and figures.

class Explorer {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.source = findSource();
    this.presets = JSON.parse(document.getElementById("explorer-presets").textContent);
    this.address = new Address(ownsAddress());
    this.controls = new Controls(this.find(".controls"), [this.find("[name=y]"), this.find("[name=j]")]);
    this.main = makeMain();
    this.groups = makeGroups().map((group) => new Group(group));
    this.figures = [...Object.values(this.main), ...this.groups.flatMap(({ figures }) => figures)];
    this.panel = new Panel(this);
    this.frame = new Frame(root);
    this.held = null;
    this.view = null;
    this.hovered = null;
    /** How long the latest change took, in milliseconds: to the answer, and to the end of drawing. */
    this.timing = null;
    this.trainer = new Trainer(this.source, this.controls, (answer) => this.showPart(answer));
    this.latest = new Latest(
      (wish, signal) => this.ask(wish, signal),
      (answer, wish) => this.show(answer, wish),
      (error, wish) => this.fail(error, wish),
    );
    this.say = (text) => (this.find("[data-copied]").textContent = text);
    this.build();
    this.frame.apply(this.address.read().frame, this.groups);
    this.restore();
    if (location.hash.startsWith("#explore") && !document.documentElement.classList.contains("explore")) root.scrollIntoView();
  }

  figure(id) {
    return this.figures.find((figure) => figure.id === id);
  }

  build() {
    this.find("[data-sequence]").append(this.main.sequence.root);
    this.find("[data-main]").append(this.main.gradient.root);
    this.find("[data-groups]").append(...this.groups.map(({ root }) => root));
    for (const figure of this.figures.filter(({ overTime }) => overTime)) {
      for (const plot of figure.plots) plot.followPointer((t) => this.hover(t), (t) => this.choose(t));
    }
    for (const group of this.groups) group.root.addEventListener("toggle", () => this.drawGroup(group));
    if (!this.source.live) this.fitToGrid();
    this.buildPresets();
    this.connect();
    this.controls.onChange((done, key) => this.changed(done, key));
    this.root.addEventListener("click", ({ target }) => {
      const { do: act, train, save } = target.closest("button")?.dataset ?? {};
      if (act && act in Takeaway) Takeaway[act](this);
      else if (act) this[act]();
      if (train) this.train(Number(train));
      if (save) saveFigure(this.figure(target.closest("figure").dataset.chart), save, this.view, this.held);
    });
    this.find("details.table").addEventListener("toggle", () => this.showTable());
    this.address.onMove(() => this.restore());
  }

  /** What can be done in charts. */
  connect() {
    this.main.sequence.onEdit(
      (t, value, done) => this.edit(t, value, done),
      () => this.put({ x: "" }, true),
    );
    const follow = (unit) => {
      for (const figure of this.figures) figure.follow?.(unit);
      this.markTimestep();
    };
    for (const figure of this.figures) figure.onUnit?.(follow);
    const { min, max } = this.controls.elements.get("w");
    this.figure("spectrum").onScale((scale, done) => this.put({ w: String(Math.min(Number(max), Math.max(Number(min), scale))) }, done));
    const map = this.figure("map");
    map.onPlace((w, b) => this.put({ w: String(w), b: String(b) }, true));
    if (this.source.live && this.source.map) map.from(async (query, signal) => (await this.source.map(query, { signal }))?.map ?? null);
    const scrub = (done) => ({ target }) => {
      const query = this.trainer.course.query(this.trainer.course.steps[Number(target.value)]);
      if (query) this.want({ query, write: done });
    };
    this.find("#x-scrub").addEventListener("input", scrub(false));
    this.find("#x-scrub").addEventListener("change", scrub(true));
  }

  /** Gives the controls the steps and the choices of the report's grid. */
  fitToGrid() {
    for (const option of [...this.controls.elements.get("c").options]) if (!["rnn", "lstm", "gru"].includes(option.value)) option.remove();
    for (const [key, values] of [["w", this.source.weights], ["b", this.source.biases]]) {
      for (const element of [this.controls.elements.get(key), this.controls.mirrors.get(key)]) {
        Object.assign(element, { min: values[0], max: values[values.length - 1], step: values[1] - values[0] });
      }
    }
  }

  buildPresets() {
    this.find("[data-presets]").innerHTML = this.presets.map(({ title }, k) => `<li><button type="button" data-preset="${k}" aria-pressed="false">${subscriptedHtml(title)}</button></li>`).join("");
    this.find("[data-presets]").addEventListener("click", ({ target }) => {
      const preset = target.closest("[data-preset]")?.dataset.preset;
      if (preset !== undefined) this.go(this.presets[preset].query);
    });
  }

  /** Sets the controls from a query, which may also name A as `hold` and groups to open as `open`. */
  go(query) {
    const { query: settings, held, frame } = Address.split(query);
    this.trainer.paused = null;
    this.controls.show(settings);
    if (held !== null) this.heldQuery = held;
    for (const id of (frame.get("open") ?? "").split(",")) if (id) this.frame.open(id);
    this.latest.yielded();
    this.changed(true, null, { afresh: true });
  }

  /** Sets controls, { key: value }, as a hand does. */
  put(values, done) {
    for (const [key, value] of Object.entries(values)) this.controls.set(key, value);
    this.controls.fit();
    this.changed(done, Object.keys(values).join());
  }

  /** Changes a sample of the input. */
  edit(t, value, done) {
    const edits = withEdit(this.controls.get("x"), t, value);
    if (edits === null) return this.setNotice(`At most ${MOST_EDITS} samples can be changed; reset the input to change others.`);
    return this.put({ x: edits }, done);
  }

  /** A control has changed. Dragging writes no history until it ends; key presses in quick succession are one entry. */
  changed(done, key = null, { afresh = false } = {}) {
    const again = key !== null && key === this.moved?.key && performance.now() - this.moved.at < 1000;
    if (done) this.moved = { key, at: performance.now() };
    if (done && !again) this.step = true;
    const query = this.controls.query();
    // A training that is under way goes on with the slider where it is now.
    const going = afresh ? undefined : this.trainer.targetFor(query);
    this.want({ query, write: done, target: going, watch: going !== undefined && this.trainer.watched });
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
      this.latest.yielded();
      this.find("[data-trained]").textContent = `Training: ${steps} of ${this.trainer.target ?? wanted} steps …`;
    };
    const options = { signal, progress };
    // A select element, and a slider that is released, request the same view twice.
    const known = this.known?.query === wish.query && wish.target === undefined;
    const answer = known ? this.known.answer : await this.trainer.reach(wish, options, () => this.latest.yielded());
    if (wish.target === undefined) this.known = { query: wish.query, answer };
    if (this.heldQuery === null || this.heldQuery === undefined) this.held = null;
    else if (this.held?.query !== this.heldQuery) {
      try {
        const { view } = await this.source.view(this.heldQuery, options);
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

  /** A slice of a training that goes on. */
  showPart({ view }) {
    this.view = view;
    this.controls.set("k", String(view.settings.trained));
    this.draw();
    this.root.dispatchEvent(new CustomEvent("explorer:part"));
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
    const control = this.controlInSight;
    this.figure("course").setCourse(this.trainer.course.points, view.settings.trained);
    for (const figure of Object.values(this.main)) figure.update(view, held);
    for (const group of this.groups) group.update(view, held);
    const { time } = view.settings;
    this.find("[data-question]").textContent = `How much of the gradient of the loss at timestep ${time} reaches timestep 1?`;
    // The gradient's sentence stands below its chart.
    this.find("[data-summary]").innerHTML = subscriptedHtml(view.summary.replace(` ${view.sentences.gradient}`, ""));
    this.sayLater(view.summary);
    this.panel.show();
    this.showTable();
    this.markTimestep();
    // Not if it is in sight still, because a slider that is dragged must not move.
    if (control && !this.controlInSight) control.scrollIntoView({ block: "nearest" });
  }

  /** The control that has the focus, if it can be seen: it stays in sight when what stands above it grows. */
  get controlInSight() {
    const control = document.activeElement;
    const { top, bottom } = control.getBoundingClientRect();
    return this.find(".controls").contains(control) && top >= 0 && bottom <= innerHeight ? control : null;
  }

  /** A group that has been opened draws what it kept back. */
  drawGroup(group) {
    if (!this.view || !group.open) return;
    group.update(this.view, this.held);
    group.mark(this.marked);
  }

  /** Announces the summary to screen readers once the user pauses. */
  sayLater(text) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.find("[data-live]").textContent = text;
    }, 700);
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
    if (!this.view) return;
    for (const figure of Object.values(this.main)) figure.mark(this.marked);
    for (const group of this.groups) group.mark(this.marked);
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

  /** Trains, up to a step; with `watch`, slowly enough to be seen. */
  trainTo(target, watch) {
    this.frame.open("learning");
    this.step = true;
    this.want({ query: this.controls.query(), target: Math.min(this.mostSteps, target), watch, write: true });
  }

  train(steps) {
    this.trainTo((this.trainer.target ?? Number(this.controls.get("k"))) + steps, false);
  }

  /** Starts or goes on, slowly; a training that is under way pauses. */
  play() {
    const { trainer } = this;
    if (!trainer.running) return this.trainTo(trainer.paused ?? this.mostSteps, true);
    const { target } = trainer;
    this.stop();
    trainer.paused = target;
    return this.panel.training();
  }

  /** Ends a training where it is. */
  stop() {
    this.trainer.paused = null;
    if (this.trainer.running) {
      this.step = true;
      this.want({ query: this.view.query, write: true });
      this.latest.stop();
    }
    this.panel.training();
  }

  untrain() {
    this.trainer.paused = null;
    this.controls.set("k", "0");
    this.latest.yielded();
    this.changed(true, null, { afresh: true });
  }

  /** Chooses a seed at random, which the address then holds. */
  redraw() {
    this.put({ s: String(crypto.getRandomValues(new Uint32Array(1))[0] % 100_000), x: "" }, true);
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
}

document.querySelector(".explorer").explorer = new Explorer(document.querySelector(".explorer"));
