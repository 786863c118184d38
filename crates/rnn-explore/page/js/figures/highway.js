// The highway: what a state hands back along the elementwise path, as through an LSTM's forget gate, and by all other paths.

class HighwayFigure extends ChartFigure {
  constructor() {
    super("highway", "The gradient on the highway");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ log: true, height: 230, xLabel: "timestep t", yLabel: "norm", description: "The norm of the gradient of the state that the elementwise path carries, of what arrives along that path and of what arrives otherwise" }));
  }

  has(view) {
    return Boolean(view.highway);
  }

  static series({ highway, layers, layer }) {
    const cell = highway.state === "c";
    return [
      { name: `‖dL/d${highway.state}_t‖`, values: highway.gradient, color: "--c1" },
      { name: "along the elementwise path", values: highway.through, color: "--c3", dash: "7 3" },
      { name: "by all other paths", values: highway.rest, color: "--c2", dash: "2 3" },
      ...(cell ? [{ name: "‖dL/dh_t‖", values: layers[layer].gradient, color: "--c4", dash: "9 3 2 3" }] : []),
    ];
  }

  draw(view, held) {
    const series = withHeld(HighwayFigure.series(view), held?.highway ? HighwayFigure.series(held).slice(0, 1) : []);
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption(view.sentences.highway);
  }

  numbers(view) {
    return seriesTable("t", HighwayFigure.series(view));
  }
}

/** What the elementwise path of each unit keeps from t to T: one line a unit. */
class KeptFigure extends ChartFigure {
  constructor() {
    super("kept", "What each unit keeps from t to T");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ log: true, height: 230, xLabel: "timestep t", yLabel: "part that is kept", range: (low, high) => [Math.max(low, 1e-30), high], description: "For every unit, the product along its elementwise path over all timesteps after t" }));
    this.followed = null;
  }

  has(view) {
    return Boolean(view.highway) && view.highway.kept.length > 0;
  }

  follow(unit) {
    this.followed = unit;
    if (this.view && this.has(this.view)) this.draw(this.view);
  }

  draw(view) {
    const { kept } = view.highway;
    const chosen = this.followed !== null && this.followed <= kept.length ? this.followed : null;
    const thin = kept.map((values, k) => ({ name: `unit ${k + 1}`, values, color: "--neutral", thin: true })).filter((_, k) => k + 1 !== chosen);
    const one = chosen === null ? [] : [{ name: `unit ${chosen}`, values: kept[chosen - 1], color: "--c2" }];
    const median = { name: "median unit", values: kept[0].map((_, t) => KeptFigure.median(kept.map((values) => values[t]))), color: "--c1", dash: "7 3" };
    this.plot.show(view.settings.time, [...thin, median, ...one]);
    this.setLegend([median, ...one]);
    const { state, path } = view.highway;
    this.setCaption(`One line for each of the ${counted(kept.length, "unit")}: ∂${state}_T/∂${state}_t along the elementwise path alone (${path}), a product over t + 1 to T.`);
  }

  static median(values) {
    const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  numbers({ highway }) {
    return seriesTable("t", highway.kept.map((values, k) => ({ name: `unit ${k + 1}`, values })));
  }
}
