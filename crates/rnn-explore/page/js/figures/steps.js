// Each step back as a sum of logarithms: what the slopes take, what the weights give, and what arrives on the way.

class StepsFigure extends ChartFigure {
  constructor() {
    super("steps", "Each step back, as a sum");
    this.overTime = true;
    this.plot = this.add(new StackedPlot({ height: 240, xLabel: "timestep t", yLabel: "ln of the factor", description: "The natural logarithm of the factor of each step back, as stacked bars of its parts" }));
  }

  has(view) {
    return Boolean(view.steps) && view.steps.parts.length > 0;
  }

  /** The parts, and the sum, over t = 1 .. T: the step back from t has its numbers at t. */
  static series({ steps }) {
    const parts = steps.parts.map(({ name, values }, k) => ({ name, values: [null, ...values], color: COLORS[k], shape: "bar" }));
    return [...parts, { name: "sum: ln of the factor", values: [null, ...steps.total], color: "--ink" }];
  }

  draw(view) {
    const { parts, total } = view.steps;
    this.plot.show(view.settings.time, parts.map(({ values }, k) => ({ values, color: COLORS[k], pattern: k > 1 })), total);
    this.setLegend(StepsFigure.series(view));
    this.setCaption(`${view.sentences.steps} The bar to the left of a timestep is the step back from it.`);
  }

  numbers(view) {
    return seriesTable("step back from t", StepsFigure.series(view));
  }
}
