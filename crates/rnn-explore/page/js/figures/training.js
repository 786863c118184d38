// Training: the loss of each batch, and what the steps did to the gradient.

class TrainingFigure extends ChartFigure {
  constructor() {
    super("training", "Training");
    this.plot = this.add(new LinePlot({ log: true, height: 200, xLabel: "step", yLabel: "loss of the batch", description: "Loss of each training batch" }));
  }

  has(view) {
    return Boolean(view.sentences.training);
  }

  static series({ training, baseline }) {
    return [
      { name: "loss", values: training.losses, color: "--c1" },
      { name: "best guess without the input", values: training.losses.map(() => baseline), color: "--neutral", dash: "7 3" },
    ];
  }

  draw(view) {
    const { losses } = view.training;
    this.setCaption(view.sentences.training);
    this.body.hidden = losses.length === 0;
    if (losses.length === 0) return this.setLegend([]);
    const series = TrainingFigure.series(view);
    this.plot.show(losses.length, series);
    this.setLegend(series.map(({ values, ...rest }) => rest));
  }

  mark() {}

  numbers(view) {
    return seriesTable("step", TrainingFigure.series(view));
  }
}

/** What is saved of a training: the radius and the gradient that is left, by step. */
class CourseFigure extends ChartFigure {
  constructor() {
    super("course", "In the course of training");
    this.plot = this.add(new CoursePlot({ height: 200, xLabel: "step", yLabel: "value", description: "The spectral radius and the mean factor of a step back at the saved steps of training" }));
    this.saved = [];
  }

  has() {
    return this.saved.length > 1;
  }

  /** `saved`, each { step, radius, rate }, in the order of their steps; `now` is the one that is shown. */
  setCourse(saved, now) {
    this.saved = saved;
    this.now = now;
  }

  draw() {
    const series = [
      { name: "spectral radius ρ", values: this.saved.map(({ radius }) => radius), color: "--c1" },
      { name: "mean factor per step back", values: this.saved.map(({ rate }) => rate), color: "--c2", dash: "7 3" },
    ].filter(({ values }) => values.some((value) => value !== null));
    this.plot.showCourse(this.saved.map(({ step }) => step), series, this.now);
    this.setLegend(series.map(({ values, ...rest }) => rest));
    this.setCaption(CourseFigure.sentence(this.saved));
  }

  /** Where the radius and the factor passed 1, between which saved steps. */
  static sentence(saved) {
    const say = (name, of) => {
      const known = saved.filter((one) => of(one) !== null);
      if (known.length < 2) return [];
      const all = known.slice(1).flatMap((one, k) => (of(known[k]) < 1 === of(one) < 1 ? [] : [{ from: known[k].step, to: one.step, up: of(one) >= 1 }]));
      if (all.length === 0) return [`${name} was ${of(known[0]) < 1 ? "below 1" : "1 or more"} at all saved steps.`];
      const [{ from, to, up }] = all;
      const where = to - from === 1 ? `with step ${to}` : `between steps ${from} and ${to}`;
      return [`${name} ${up ? "rose to 1 or more" : "fell below 1"} ${where}${all.length > 1 ? `, the first of ${all.length} crossings` : ""}.`];
    };
    return [...say("The spectral radius", ({ radius }) => radius), ...say("The mean factor per step back", ({ rate }) => rate)].join(" ");
  }

  mark() {}

  numbers() {
    return { head: ["step", "spectral radius", "mean factor per step back", "loss"], rows: this.saved.map(({ step, radius, rate, loss }) => [step, radius, rate, loss]) };
  }
}

/** Lines over steps that are not evenly apart, with 1 as a line, and the shown step marked. */
class CoursePlot extends LinePlot {
  showCourse(steps, series, now) {
    Object.assign(this, { steps, now });
    this.show(series.length > 0 ? steps.length : 0, series);
  }

  redraw() {
    if (this.count === 0) return;
    const [low, high] = extent([...this.series.map(({ values }) => values), [1]]);
    const { position, ...rest } = linearAxis(this.steps[0], this.steps[this.steps.length - 1], 6);
    const ticks = rest.ticks.filter(({ at }) => Number.isInteger(at)).map(({ at }) => ({ at, label: String(at) }));
    // The first label does not reach below those of the other axis.
    const x = { ...rest, ticks, position: (step) => 0.03 + 0.94 * position(step) };
    this.draw(x, linearAxis(Math.min(low, 0), high), (frame) => {
      // Positions of ticks are steps, those of lines are indices.
      const px = (k) => frame.left + frame.width * x.position(this.steps[k - 1]);
      const one = `<path class="zero" d="M${frame.left} ${frame.py(1).toFixed(1)}h${frame.width}"/>`;
      const here = this.now === undefined ? "" : `<path class="here" d="M${(frame.left + frame.width * x.position(this.now)).toFixed(1)} ${frame.top}v${frame.height}"/>`;
      return one + this.series.map((series) => this.shape(series, { ...frame, px })).join("") + here;
    });
  }
}
