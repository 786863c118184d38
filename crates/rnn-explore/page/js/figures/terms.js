// The gradient of the weights, timestep by timestep.

class TermsFigure extends ChartFigure {
  constructor() {
    super("terms", "Weight gradient by timestep");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ height: 240, xLabel: "timestep t", yLabel: "part of the gradient", range: (low, high) => [low < -0.03 * high ? low : 0, Math.max(0, high)], description: "How much of the gradient of the recurrent weights comes from each timestep" }));
  }

  has(view) {
    return view.terms.length > 0;
  }

  static series(view, shares = false) {
    const find = (start) => view.terms.find(({ name }) => name.startsWith(start));
    const [hh, ih, bias] = ["weight_hh", "weight_ih", "bias"].map(find);
    const whole = shares && hh?.total > 0 ? hh.total : 1;
    const part = (values) => values.map((value) => (value === null ? null : value / whole));
    const line = (name, of, k) => (of ? [{ name, values: part(of.norm), color: COLORS[k], dash: DASHES[k] }] : []);
    const bars = hh ? [{ name: "part along the sum, W_hh", values: part(hh.along), color: "--c1", shape: "bar" }] : [];
    return [...bars, ...line("‖G_t‖ of W_hh", hh, 1), ...line("of W_ih", ih, 2), ...line("of b", bias, 3)];
  }

  draw(view, held) {
    // Two networks may have gradients of very different sizes: beside A, each is shown in parts of its own ‖G‖.
    const shares = Boolean(held?.terms.length);
    const heldSeries = shares ? TermsFigure.series(held, true).filter(({ shape, name }) => shape === "bar" || name.includes("‖")) : [];
    const series = withHeld(TermsFigure.series(view, shares), heldSeries);
    // Bars are drawn beneath lines.
    series.sort((a, b) => Number(b.shape === "bar") - Number(a.shape === "bar"));
    this.plot.yLabel = shares ? "part of its own ‖G‖" : "part of the gradient";
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption(view.sentences.terms);
  }

  numbers(view) {
    return seriesTable("t", TermsFigure.series(view));
  }
}
