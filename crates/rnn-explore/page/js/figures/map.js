// The map of scales: the ratio of the first to the last gradient for every weight scale and bias scale.

class MapPlot extends CanvasPlot {
  constructor(rest) {
    super(rest);
    this.map = null;
    this.wantedHeight = (width) => Math.min(320, Math.max(200, 0.75 * width));
  }

  show(map, here) {
    Object.assign(this, { map, here });
    this.redraw();
  }

  redraw() {
    if (!this.map) return;
    const { weights, biases, ratio, most } = this.map;
    const axis = (values) => {
      const half = (values[1] - values[0]) / 2;
      const [low, high] = [values[0] - half, values[values.length - 1] + half];
      const ticks = values.filter((value) => Number.isInteger(value)).map((value) => ({ at: value, label: String(value).replace("-", "−") }));
      return { low, high, position: (x) => (x - low) / (high - low), ticks };
    };
    this.draw(axis(weights), axis(biases), ({ px, py }) => {
      const [x, y] = [px(this.here[0]).toFixed(1), py(this.here[1]).toFixed(1)];
      return `<circle class="here-edge" cx="${x}" cy="${y}" r="6.5"/><circle class="here-dot" cx="${x}" cy="${y}" r="4.5"/>`;
    });
    this.paint(weights.length, biases.length, (pixels) => {
      biases.forEach((_, j) => {
        const first = (biases.length - 1 - j) * weights.length;
        weights.forEach((_, i) => {
          const value = ratio[i][j];
          if (value === null || value === undefined) return;
          const at = value > 0 ? Math.log10(value) / most : -1;
          pixels[first + i] = DIVERGING_PIXELS[Math.round(127.5 + 127.5 * Math.min(1, Math.max(-1, at)))];
        });
      });
    });
  }

  mark() {}
}

class MapFigure extends ChartFigure {
  constructor() {
    super("map", "Gradient left at every scale, ‖dL_T/dh_1‖ over ‖dL_T/dh_T‖");
    this.plot = this.add(new MapPlot({ xLabel: "weight scale", yLabel: "bias scale", description: "The ratio of the gradient at the first timestep to that at the last, as colours, over weight scale and bias scale" }));
    this.plot.root.classList.add("clickable");
  }

  /** Calls `go` with the weight scale and the bias scale that are clicked. */
  onPlace(go) {
    this.plot.root.addEventListener("click", (event) => {
      if (!this.plot.area || !this.map) return;
      const { left, top, width, height } = this.plot.area;
      const { x, y } = this.plot.point(event);
      const [across, up] = [(x - left) / width, 1 - (y - top) / height];
      if (across < 0 || across > 1 || up < 0 || up > 1) return;
      const nearest = (values, share) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
      go(nearest(this.map.weights, across), nearest(this.map.biases, up));
    });
  }

  /** `ask(view)` gives the map of a view's settings, or null where there is none. */
  from(ask) {
    this.ask = ask;
  }

  has() {
    return this.ask !== undefined && !this.missing;
  }

  /** All settings but those that the map is over, or that are only looked at. */
  static key({ query }) {
    return without(query, ["w", "b", "y", "j"]);
  }

  draw(view) {
    const key = MapFigure.key(view);
    this.here = [view.settings.weight_scale, view.settings.bias_scale];
    if (key === this.key) return this.redraw();
    this.key = key;
    this.asking?.abort();
    this.asking = new AbortController();
    this.body.setAttribute("aria-busy", "true");
    // While a slider is dragged or a network trains, the map waits.
    clearTimeout(this.later);
    this.later = setTimeout(() => this.request(view.query), 200);
  }

  request(query) {
    this.ask(query, this.asking.signal).then(
      (map) => this.take(map),
      (error) => {
        if (error.name !== "AbortError") this.take(null);
      },
    );
  }

  take(map) {
    this.body.removeAttribute("aria-busy");
    if (!map) {
      this.missing = this.root.hidden = true;
      return;
    }
    const powers = map.ratio.flat().filter((value) => value > 0).map((value) => Math.abs(Math.log10(value)));
    this.map = { ...map, most: Math.min(12, Math.max(1, Math.ceil(Math.max(0, ...powers)))) };
    this.redraw();
    this.fillTable();
  }

  redraw() {
    if (!this.map) return;
    this.plot.show(this.map, this.here);
    const { most } = this.map;
    const html = `<li><span>≤ ${format(10 ** -most)}</span><span class="scale" style="background:${gradientCss(DIVERGING)}"></span><span>≥ ${format(10 ** most)}</span></li><li>no colour: no gradient, or out of range</li>`;
    if (html !== this.shownLegend) this.list.innerHTML = this.shownLegend = html;
    this.setCaption(`White is a ratio of 1. ${this.map.sentence ?? ""} A click moves the sliders there.`);
  }

  mark() {}

  numbers() {
    if (!this.map) return { head: [], rows: [] };
    const { weights, biases, ratio } = this.map;
    return { head: ["weight scale", ...biases.map((bias) => `bias scale ${format(bias)}`)], rows: weights.map((weight, i) => [weight, ...ratio[i]]) };
  }
}
