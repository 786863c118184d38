// The states, and how many units are saturated.

class HiddenFigure extends ChartFigure {
  constructor() {
    super("hidden", "Hidden state, ‖h_t‖");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ log: "wide", height: 200, xLabel: "timestep t", yLabel: "norm", range: (low, high) => [high > 1e3 * low && low > 0 ? low : Math.min(0, low), high], description: "Norm of the hidden state by timestep" }));
  }

  static series(view) {
    const count = view.layers.length;
    const lines = view.layers.flatMap(({ hidden, cell }, k) => [
      { name: `‖h_t‖${layerName(k, count)}`, values: hidden, color: COLORS[k], dash: DASHES[k], band: view.band && k === view.layer ? view.band.hidden : undefined },
      ...(cell ? [{ name: `‖c_t‖${layerName(k, count)}`, values: cell, color: COLORS[k], dash: "9 3 2 3", heldDash: "1 5" }] : []),
    ]);
    if (view.band) lines.push({ name: `median of ${view.band.sequences} sequences`, values: view.band.hidden.median, color: "--c4", dash: "1 4" });
    return lines;
  }

  draw(view, held) {
    const series = withHeld(HiddenFigure.series(view), held ? HiddenFigure.series(held) : []);
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption(view.sentences.hidden);
  }

  numbers(view) {
    return seriesTable("t", HiddenFigure.series(view));
  }
}

class SaturationFigure extends ChartFigure {
  constructor() {
    super("saturation", "Saturated units");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ height: 160, ticks: 2, xLabel: "timestep t", yLabel: "share", range: () => [0, 1], description: "Share of saturated units by timestep" }));
  }

  static series(view) {
    const count = view.layers.length;
    return view.layers.map(({ saturated }, k) => ({ name: `saturated${layerName(k, count)}`, values: saturated, color: COLORS[(k + 2) % 4], dash: DASHES[k], percent: true }));
  }

  has(view) {
    return view.layers.some(({ saturated }) => saturated?.some((share) => share !== null));
  }

  draw(view, held) {
    const series = withHeld(SaturationFigure.series(view), held ? SaturationFigure.series(held) : []);
    this.plot.show(view.settings.time, series);
    this.setLegend(series);
    this.setCaption("A saturated unit has a slope below 0.05: it passes less than a twentieth of its gradient on.");
  }

  numbers(view) {
    return seriesTable("t", SaturationFigure.series(view));
  }
}
