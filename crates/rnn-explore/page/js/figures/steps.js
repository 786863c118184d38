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
    this.setCaption(`${view.sentences.steps || StepsFigure.sentence(view)} The bar to the left of a timestep is the step back from it.`);
  }

  /** What the parts add up to over all steps. */
  static sentence({ steps }) {
    const sum = (values) => (values.some((value) => value === null) ? null : values.reduce((all, value) => all + value, 0));
    const all = sum(steps.total);
    if (all === null) return `Of the gradient of the state ${steps.state}. A step without a bar ends at a gradient of 0.`;
    const parts = steps.parts.map(({ name, values }) => `${format(sum(values))} (${name})`).join(" + ");
    return `Of the gradient of the state ${steps.state}: over all ${counted(steps.total.length, "step")} back the logarithms add up to ${parts} = ${format(all)}, a factor of ${format(Math.exp(all))}.`;
  }

  numbers(view) {
    return seriesTable("step back from t", StepsFigure.series(view));
  }
}
