// Unit by unit: the states and their gradients as colours, and the unit that one follows.

class HeatFigure extends ChartFigure {
  constructor(id, title, field, description) {
    super(id, title);
    this.overTime = true;
    this.field = field;
    this.plot = this.add(new HeatPlot({ xLabel: "timestep t", yLabel: "unit", description }));
  }

  has(view) {
    return Boolean(view.units) && view.units[this.field].length > 0;
  }

  /** Calls `choose` with the unit that is clicked. */
  onUnit(choose) {
    this.plot.root.addEventListener("click", (event) => {
      const unit = this.plot.area && this.plot.unit(event);
      if (unit) choose(unit);
    });
  }

  follow(unit) {
    this.plot.follow(unit);
  }

  numbers({ units }) {
    return seriesTable("t", units[this.field].map((values, k) => ({ name: `unit ${k + 1}`, values })));
  }
}

/** States, blue below 0 and orange above it. */
class UnitStates extends HeatFigure {
  constructor() {
    super("units-hidden", "State of each unit, h_t", "hidden", "The state of each unit by timestep, as colours");
  }

  draw({ units }) {
    const [low, high] = extent(units.hidden);
    const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
    this.plot.show(units.hidden, (value) => DIVERGING_PIXELS[Math.round(127.5 + (127.5 * value) / most)]);
    const html = `<li><span>${format(-most)}</span><span class="scale" style="background:${gradientCss(DIVERGING)}"></span><span>${format(most)}</span></li>`;
    if (html !== this.list.innerHTML) this.list.innerHTML = html;
    this.setCaption("White is 0. A click follows a unit in all charts that show units.");
  }

  mark(t) {
    this.plot.mark(t);
  }
}

/** Magnitudes of gradients, on a logarithmic scale. */
class UnitGradients extends HeatFigure {
  constructor() {
    super("units-gradient", "Gradient of each unit, |dL/dh_t|", "gradient", "The magnitude of the gradient of each unit by timestep, as colours");
  }

  draw(view) {
    const magnitudes = view.units.gradient.map((row) => row.map((value) => (value === null ? null : Math.abs(value))));
    const range = colourRange(magnitudes);
    this.plot.show(magnitudes, (value) => (value > 0 ? CIVIDIS_PIXELS[colourIndex(value, range)] : 0));
    const html = rangeLegend(range, "no gradient");
    if (html !== this.shownLegend) this.list.innerHTML = this.shownLegend = html;
    this.setCaption(view.sentences.units || (view.layers.length === 1 ? "The norm of each column is ‖dL/dh_t‖." : `Of layer ${view.layer + 1}; the norm of each column is its ‖dL/dh_t‖.`));
  }

  mark(t) {
    this.plot.mark(t);
  }
}

/** One unit: its state and its gradient. */
class UnitFigure extends ChartFigure {
  constructor() {
    super("unit", "The unit that is followed");
    this.overTime = true;
    this.followed = 1;
    this.body.insertAdjacentHTML("beforebegin", `<div class="control pair"><label for="x-unit">Unit</label><input id="x-unit" type="number" min="1" max="1" step="1" value="1"></div>`);
    this.input = this.root.querySelector("#x-unit");
    this.plot = this.add(new LinePlot({ height: 150, ticks: 4, xLabel: "timestep t", yLabel: "h_t", description: "The state of one unit by timestep" }));
    this.slope = this.add(new LinePlot({ height: 150, ticks: 4, xLabel: "timestep t", yLabel: "dL/dh_t", description: "The gradient of one unit by timestep" }));
  }

  onUnit(choose) {
    this.input.addEventListener("change", () => choose(Math.min(Math.max(1, Math.round(Number(this.input.value)) || 1), Number(this.input.max))));
  }

  has(view) {
    return Boolean(view.units) && view.units.hidden.length > 0;
  }

  follow(unit) {
    this.followed = unit;
    if (this.view && this.has(this.view)) this.draw(this.view);
  }

  static series({ units }, unit) {
    const at = Math.min(unit, units.hidden.length) - 1;
    return [
      { name: `h_t of unit ${at + 1}`, values: units.hidden[at], color: "--c1" },
      { name: `dL/dh_t of unit ${at + 1}`, values: units.gradient[at], color: "--c2", dash: "7 3" },
    ];
  }

  draw(view) {
    this.input.max = String(view.units.hidden.length);
    if (document.activeElement !== this.input) this.input.value = String(Math.min(this.followed, view.units.hidden.length));
    const [state, gradient] = UnitFigure.series(view, this.followed);
    this.plot.show(view.settings.time, [state]);
    this.slope.show(view.settings.time, [gradient]);
    this.setLegend([state, gradient]);
    this.setCaption("");
  }

  numbers(view) {
    return seriesTable("t", UnitFigure.series(view, this.followed));
  }
}
