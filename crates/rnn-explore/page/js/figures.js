// The figures: which numbers of a view each one draws, and their names.

const COLORS = ["--c1", "--c2", "--c3", "--c4"];

const layerName = (k, count) => (count === 1 ? "" : ` of layer ${k + 1}`);

/** The current series, and those of A beneath them, thinner and dotted. */
const withHeld = (series, held) => [
  ...held.map((one) => ({ ...one, name: `A: ${one.name}`, held: true, dash: one.heldDash ?? "2 2", band: undefined, shape: "line" })),
  ...series,
];

/** A figure: its title, what it draws, and its sentence. Subclasses make plots in `build` and draw in `update`. */
class ChartFigure {
  constructor(id, title) {
    Object.assign(this, { id, title, plots: [], legend: [] });
    this.root = document.createElement("figure");
    this.root.className = "chart";
    this.root.dataset.chart = id;
    this.root.innerHTML = `<header><h3>${subscriptedHtml(title)}</h3><button type="button" data-save="svg" aria-label="Save “${escapeText(title)}” as SVG">SVG</button><button type="button" data-save="png" aria-label="Save “${escapeText(title)}” as PNG">PNG</button></header><ul class="legend"></ul><div class="body"></div><figcaption></figcaption>`;
    this.list = this.root.querySelector(".legend");
    this.body = this.root.querySelector(".body");
    this.caption = this.root.querySelector("figcaption");
  }

  add(plot, place = this.body) {
    this.plots.push(plot);
    place.append(plot.root);
    return plot;
  }

  /** Shows what each series is called, with room for its number at the marked timestep. */
  setLegend(series) {
    this.legend = series;
    const html = series
      .map((one) => `<li>${swatch(one)}<span>${subscriptedHtml(one.name)}</span>${one.values ? "<b></b>" : ""}</li>`)
      .join("");
    if (html !== this.legendHtml) {
      this.list.innerHTML = this.legendHtml = html;
      this.numbers = [...this.list.querySelectorAll("b")];
    }
  }

  setCaption(text) {
    if (this.said !== text) this.caption.innerHTML = subscriptedHtml(text);
    this.said = text;
  }

  mark(t) {
    this.plots.forEach((plot) => plot.mark(t));
    const valued = this.legend.filter(({ values }) => values);
    valued.forEach(({ values, percent }, k) => {
      const value = t === null ? null : values[t - 1];
      const text = value === undefined || value === null ? "" : percent ? formatPercent(value) : format(value);
      if (this.numbers[k].textContent !== text) this.numbers[k].textContent = text;
    });
  }
}

class GradientFigure extends ChartFigure {
  constructor() {
    super("gradient", "Gradient at each state, ‖dL/dh_t‖");
    this.plot = this.add(new LinePlot({ log: true, height: 240, xLabel: "timestep t", yLabel: "‖dL/dh_t‖", description: "Norm of the gradient of the loss with respect to the hidden state, by timestep, on a logarithmic axis" }));
  }

  static series(view) {
    const lines = view.layers.map(({ gradient }, k) => ({ name: `‖dL/dh_t‖${layerName(k, view.layers.length)}`, values: gradient, color: COLORS[k], dash: DASHES[k] }));
    // With a loss at every timestep, dL/dh_t adds up many; what ρ is about is the gradient of one.
    const last = view.reach.norms[view.reach.norms.length - 1];
    if (view.settings.loss === "all" && last) lines.push({ name: `‖dL_T/dh_t‖${layerName(view.layer, view.layers.length)}, last loss alone`, values: last, color: "--c4", dash: "6 3" });
    const predicted = view.layers[view.layer].predicted;
    if (predicted) lines.push({ name: "predicted by ρ", values: predicted.gradient, color: "--neutral", dash: "1 4", beside: true });
    return lines;
  }

  update(view, held) {
    const of = (view) => GradientFigure.series(view);
    const series = withHeld(of(view), held ? of(held).filter(({ beside }) => !beside) : []);
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption(view.sentences.gradient);
  }
}

class HiddenFigure extends ChartFigure {
  constructor() {
    super("hidden", "Hidden state, ‖h_t‖, and saturation");
    this.plot = this.add(new LinePlot({ log: "wide", height: 165, xLabel: "timestep t", yLabel: "norm", range: (low, high) => [high > 1e3 * low && low > 0 ? low : Math.min(0, low), high], description: "Norm of the hidden state by timestep" }));
    this.share = this.add(new LinePlot({ height: 108, ticks: 2, xLabel: "timestep t", yLabel: "share", range: () => [0, 1], description: "Share of saturated units by timestep" }));
  }

  static series(view) {
    const count = view.layers.length;
    return view.layers.flatMap(({ hidden, cell }, k) => [
      { name: `‖h_t‖${layerName(k, count)}`, values: hidden, color: COLORS[k], dash: DASHES[k] },
      ...(cell ? [{ name: `‖c_t‖${layerName(k, count)}`, values: cell, color: COLORS[k], dash: "9 3 2 3", heldDash: "1 5" }] : []),
    ]);
  }

  static shares(view) {
    const count = view.layers.length;
    return view.layers.map(({ saturated }, k) => ({ name: `saturated${layerName(k, count)}`, values: saturated, color: COLORS[k], dash: DASHES[k], percent: true }));
  }

  update(view, held) {
    const norms = withHeld(HiddenFigure.series(view), held ? HiddenFigure.series(held) : []);
    const shares = withHeld(HiddenFigure.shares(view), held ? HiddenFigure.shares(held) : []);
    this.plot.show(view.settings.time, norms);
    this.share.show(view.settings.time, shares);
    this.setLegend([...norms, ...shares]);
    this.setCaption(view.sentences.hidden);
  }
}

class ReachFigure extends ChartFigure {
  constructor() {
    super("reach", "How far each loss reaches, ‖dL_t/dh_k‖");
    this.body.className = "body side-by-side";
    const column = (title) => {
      const place = document.createElement("div");
      place.innerHTML = `<h4>${title}</h4>`;
      this.body.append(place);
      return place;
    };
    this.places = [column("A"), column("now")];
    [this.heldPlot, this.plot] = this.places.map((place) => this.add(new MatrixPlot({ xLabel: "timestep k of the state", yLabel: "timestep t of the loss", description: "Norm of the gradient that the loss at timestep t alone sends to the state at timestep k, as colours" }), place));
  }

  update(view, held) {
    this.root.hidden = view.reach.norms.length === 0;
    const matrices = [...(held ? [held.reach.norms] : []), view.reach.norms];
    const range = matrixRange(matrices.flat());
    this.places[0].hidden = !held;
    this.places[1].firstChild.hidden = !held;
    if (held) this.heldPlot.show(held.reach.norms, range);
    this.plot.show(view.reach.norms, range);
    const stops = CIVIDIS.map((rgb) => `rgb(${rgb})`).join(",");
    const html = `<li><span>${format(range[0])}</span><span style="display:inline-block;width:9em;height:.7em;background:linear-gradient(90deg,${stops})"></span><span>${format(range[1])}</span></li><li>no colour: no gradient</li>`;
    if (html !== this.legendHtml) this.list.innerHTML = this.legendHtml = html;
    this.setCaption(view.sentences.reach);
  }
}

class TermsFigure extends ChartFigure {
  constructor() {
    super("terms", "Weight gradient by timestep");
    this.plot = this.add(new LinePlot({ height: 240, xLabel: "timestep t", yLabel: "part of the gradient", range: (low, high) => [low < -0.03 * high ? low : 0, Math.max(0, high)], description: "How much of the gradient of the recurrent weights comes from each timestep" }));
  }

  static series(view) {
    const find = (start) => view.terms.find(({ name }) => name.startsWith(start));
    const [hh, ih, bias] = ["weight_hh", "weight_ih", "bias"].map(find);
    const line = (name, of, k) => (of ? [{ name, values: of.norm, color: COLORS[k], dash: DASHES[k] }] : []);
    const bars = hh ? [{ name: "part along the sum, W_hh", values: hh.along, color: "--c1", shape: "bar" }] : [];
    return [...bars, ...line("‖G_t‖ of W_hh", hh, 1), ...line("of W_ih", ih, 2), ...line("of b", bias, 3)];
  }

  update(view, held) {
    this.root.hidden = view.terms.length === 0;
    const heldSeries = held ? TermsFigure.series(held).filter(({ shape, name }) => shape === "bar" || name.includes("‖")) : [];
    const series = withHeld(TermsFigure.series(view), heldSeries);
    // Bars are drawn beneath lines.
    series.sort((a, b) => Number(b.shape === "bar") - Number(a.shape === "bar"));
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption(view.sentences.terms);
  }
}

/** The computed Jacobian that is nearest to a timestep. */
const nearestJacobian = ({ jacobians }, t) =>
  jacobians.reduce((best, one) => (best && Math.abs(best.timestep - t) <= Math.abs(one.timestep - t) ? best : one), null);

const GLYPHS = ["dot", "square", "triangle", "plus"];

/** A figure that shows W_hh beside the step Jacobian of the marked timestep. Subclasses draw in `redraw`. */
class MatricesFigure extends ChartFigure {
  update(view, held) {
    Object.assign(this, { view, held, at: undefined });
    this.mark(this.marked ?? null);
    this.setCaption(view.sentences[this.id]);
  }

  mark(t) {
    this.marked = t;
    if (!this.view) return;
    const jacobian = nearestJacobian(this.view.spectrum, t ?? this.view.settings.time);
    if (this.at === (jacobian?.timestep ?? null)) return;
    this.at = jacobian?.timestep ?? null;
    this.redraw(jacobian && { ...jacobian, name: `step Jacobian at t = ${jacobian.timestep}` });
  }
}

class SpectrumFigure extends MatricesFigure {
  constructor() {
    super("spectrum", "Eigenvalues");
    this.plot = this.add(new PlanePlot({ description: "Eigenvalues of the recurrent weights and of a step Jacobian on the complex plane, beside the unit circle" }));
  }

  redraw(jacobian) {
    const weights = this.view.spectrum.weights.map(({ name, eigenvalues }, k) => ({ name, points: eigenvalues, shape: GLYPHS[k], color: COLORS[k] }));
    const before = this.held?.spectrum.weights.flatMap(({ eigenvalues }) => eigenvalues);
    const series = [
      ...(before ? [{ name: "A: W_hh", points: before, shape: "ring", color: "--neutral" }] : []),
      ...weights,
      ...(jacobian ? [{ name: jacobian.name, points: jacobian.eigenvalues, shape: "cross", color: "--c2" }] : []),
    ];
    this.plot.show(series);
    this.setLegend(series);
  }
}

class SingularFigure extends MatricesFigure {
  constructor() {
    super("singular", "Singular values");
    this.plot = this.add(new LinePlot({ log: true, height: 240, xLabel: "index", yLabel: "σ", description: "Singular values of the recurrent weights and of a step Jacobian, from the largest to the smallest" }));
  }

  redraw(jacobian) {
    const weights = ({ spectrum }) => spectrum.weights.map(({ name, singular_values }, k) => ({ name, values: singular_values, color: COLORS[k], dash: DASHES[k] }));
    const step = jacobian ? [{ name: jacobian.name, values: jacobian.singular_values, color: "--neutral", dash: "6 2 2 2" }] : [];
    const series = withHeld([...weights(this.view), ...step], this.held ? weights(this.held) : []);
    this.plot.show(Math.max(1, ...series.map(({ values }) => values.length)), series);
    this.setLegend(series.map(({ values, ...rest }) => rest));
  }
}

const GATE_NAMES = { i: "input gate i", f: "forget gate f", g: "candidate g", o: "output gate o", r: "reset gate r", z: "update gate z", n: "candidate n" };

class GatesFigure extends ChartFigure {
  constructor() {
    super("gates", "Gates: mean, least and greatest over units");
    this.root.hidden = true;
    this.body.className = "body multiples";
    this.small = [0, 1, 2, 3].map((k) => {
      const place = document.createElement("div");
      place.innerHTML = "<h4></h4>";
      this.body.append(place);
      const plot = this.add(new LinePlot({ height: 128, ticks: 2, xLabel: "timestep t", yLabel: "value", range: (low) => [low < 0 ? -1 : 0, 1], margin: { left: 48 }, description: "A gate by timestep" }), place);
      return { place, plot, title: place.firstChild };
    });
  }

  update(view, held) {
    this.root.hidden = view.gates.length === 0;
    this.gates = view.gates;
    this.small.forEach(({ place, plot }, k) => {
      const gate = view.gates[k];
      place.hidden = !gate;
      if (!gate) return;
      const series = [{ name: "mean", values: gate.mean, color: "--c1", band: gate }];
      const before = held?.gates.find(({ name }) => name === gate.name);
      plot.show(view.settings.time, withHeld(series, before ? [{ name: "mean", values: before.mean, color: "--neutral" }] : []));
    });
    this.setCaption(view.sentences.gates);
  }

  mark(t) {
    super.mark(t);
    this.gates?.forEach(({ name, mean }, k) => {
      this.small[k].title.innerHTML = `${GATE_NAMES[name]} <b>${t === null ? "" : format(mean[t - 1])}</b>`;
    });
  }
}

class TrainingFigure extends ChartFigure {
  constructor() {
    super("training", "Training");
    this.root.hidden = true;
    this.plot = this.add(new LinePlot({ log: true, height: 200, xLabel: "step", yLabel: "loss of the batch", description: "Loss of each training batch" }));
  }

  update(view) {
    const { losses } = view.training;
    this.root.hidden = view.sentences.training === "";
    this.setCaption(view.sentences.training);
    this.body.hidden = losses.length === 0;
    if (losses.length === 0) return this.setLegend([]);
    const series = [
      { name: "loss", values: losses, color: "--c1" },
      { name: "best guess without the input", values: losses.map(() => view.baseline), color: "--neutral", dash: "7 3" },
    ];
    this.plot.show(losses.length, series);
    this.setLegend(series.map(({ values, ...rest }) => rest));
  }

  mark() {}
}

const makeFigures = () => [new GradientFigure(), new HiddenFigure(), new ReachFigure(), new TermsFigure(), new SpectrumFigure(), new SingularFigure(), new GatesFigure(), new TrainingFigure()];

/** Whether the x axis of a figure is time. */
const overTime = ({ id }) => ["gradient", "hidden", "reach", "terms", "gates"].includes(id);
