// The fan: singular values of ds_T/ds_t, how much each direction of the last state's gradient is stretched on the way back.

class FanFigure extends ChartFigure {
  constructor() {
    super("fan", "Stretch of every direction from T back to t");
    this.overTime = true;
    this.plot = this.add(new LinePlot({ log: "ln", height: 240, xLabel: "timestep t", yLabel: "singular values of ds_T/ds_t", description: "Singular values of the Jacobian of the last state with respect to the state at each timestep" }));
  }

  has(view) {
    return Boolean(view.fan) && view.fan.ln_sigma.length > 0;
  }

  static series({ fan }) {
    return fan.ln_sigma.map((values, k) => ({ name: `σ_${k + 1}`, values, color: k === 0 ? "--c1" : "--neutral", thin: k > 0, exponential: true }));
  }

  draw(view, held) {
    const series = FanFigure.series(view);
    this.plot.show(view.settings.time, withHeld([...series.slice(1), series[0]], held?.fan ? FanFigure.series(held).slice(0, 1) : []));
    this.setLegend([series[0], ...(series.length > 1 ? [{ ...series[series.length - 1], name: `σ_${series.length}` }] : [])]);
    this.setCaption(view.sentences.fan);
  }

  numbers(view) {
    return seriesTable("t", FanFigure.series(view).map((one) => ({ ...one, name: `ln ${one.name}` })));
  }
}
