// The gradient at each state: the chart of the first screen.

/** In a narrow or low window the chart leaves room for the control that is moved below it. */
const mainHeight = () => (matchMedia("(min-width: 60rem)").matches ? (innerHeight < 800 ? 156 : 240) : Math.min(210, Math.max(130, Math.round(0.36 * innerHeight))));

/** The plots of the first screen share one time axis. */
const STAGE_MARGIN = { left: 66 };

class GradientFigure extends ChartFigure {
  constructor() {
    super("gradient", "Gradient at each state, ‖dL/dh_t‖");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ log: true, height: mainHeight, ticks: 5, margin: STAGE_MARGIN, xLabel: "timestep t", yLabel: "‖dL/dh_t‖", description: "Norm of the gradient of the loss with respect to the hidden state, by timestep, on a logarithmic axis" }));
    let height = mainHeight();
    addEventListener("resize", () => {
      if (height !== (height = mainHeight())) this.plot.redraw();
    });
  }

  static series(view) {
    const lines = view.layers.map(({ gradient }, k) => ({ name: `‖dL/dh_t‖${layerName(k, view.layers.length)}`, values: gradient, color: COLORS[k], dash: DASHES[k] }));
    if (view.band) {
      lines[view.layer].band = view.band.gradient;
      lines.push({ name: `median of ${view.band.sequences} sequences`, values: view.band.gradient.median, color: "--c4", dash: "1 4" });
    }
    // With a loss at every timestep, dL/dh_t adds up many; what ρ is about is the gradient of one.
    const last = view.reach.norms[view.reach.norms.length - 1];
    if (view.settings.loss === "all" && last) lines.push({ name: `‖dL_T/dh_t‖${layerName(view.layer, view.layers.length)}, last loss alone`, values: last, color: "--c4", dash: "6 3" });
    const predicted = view.layers[view.layer].predicted;
    if (predicted) lines.push({ name: "predicted by ρ", values: predicted.gradient, color: "--neutral", dash: "1 4", beside: true });
    return lines;
  }

  draw(view, held) {
    const series = withHeld(GradientFigure.series(view), held ? GradientFigure.series(held).filter(({ beside }) => !beside) : []);
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption([view.sentences.gradient, view.sentences.band].filter(Boolean).join(" "));
  }

  numbers(view) {
    return seriesTable("t", GradientFigure.series(view));
  }
}
