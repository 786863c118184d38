// How far the loss of each timestep reaches.

class ReachFigure extends ChartFigure {
  constructor() {
    super("reach", "How far each loss reaches, ‖dL_t/dh_k‖");
    this.overTime = true;
    this.body.className = "body side-by-side";
    const column = (title) => {
      const place = document.createElement("div");
      place.innerHTML = `<h4>${title}</h4>`;
      this.body.append(place);
      return place;
    };
    this.places = [column("A"), column("now")];
    [this.heldPlot, this.plot] = this.places.map((place) => this.add(new MatrixPlot({ xLabel: "timestep k of the state", yLabel: "loss at t", description: "Norm of the gradient that the loss at timestep t alone sends to the state at timestep k, as colours" }), place));
  }

  has(view) {
    return view.reach.norms.length > 0;
  }

  draw(view, held) {
    const matrices = [...(held ? [held.reach.norms] : []), view.reach.norms];
    const range = colourRange(matrices.flat());
    this.places[0].hidden = !held;
    this.places[1].firstChild.hidden = !held;
    if (held) this.heldPlot.show(held.reach.norms, range);
    this.plot.show(view.reach.norms, range);
    const html = rangeLegend(range, "no gradient");
    if (html !== this.shownLegend) this.list.innerHTML = this.shownLegend = html;
    this.setCaption(view.sentences.reach);
  }

  mark(t) {
    this.plots.forEach((plot) => plot.mark(t));
  }

  numbers({ reach, settings }) {
    return { head: ["t of the loss", ...Array.from({ length: settings.time }, (_, k) => `k = ${k + 1}`)], rows: reach.norms.map((row, t) => [t + 1, ...row]) };
  }
}

/** The same by lag: the sum over all losses of what arrives so many timesteps before them. */
class LagFigure extends ChartFigure {
  constructor() {
    super("lag", "Gradient by distance from its loss");
    this.plot = this.add(new LinePlot({ log: true, first: 0, height: 230, xLabel: "timesteps back", yLabel: "sum of ‖dL_t/dh_k‖", description: "The sum of the norms of the gradients that arrive so many timesteps before their loss" }));
  }

  has(view) {
    return (view.reach.by_lag?.length ?? 0) > 0 && view.settings.loss === "all";
  }

  static series({ reach }) {
    return [{ name: "Σ_t ‖dL_t/dh_k‖ with t − k steps back", values: reach.by_lag, color: "--c1" }];
  }

  draw(view, held) {
    const series = withHeld(LagFigure.series(view), held && this.has(held) ? LagFigure.series(held) : []);
    this.plot.show(view.reach.by_lag.length, series);
    this.setLegend(series.map(({ values, ...rest }) => rest));
    this.setCaption(view.sentences.lag);
  }

  mark() {}

  numbers(view) {
    const table = seriesTable("timesteps back", LagFigure.series(view));
    return { ...table, rows: table.rows.map(([k, ...rest]) => [k - 1, ...rest]) };
  }
}
