// Line plots over timesteps or over an index.

const DASHES = ["", "7 3", "2 3", "9 3 2 3"];

/** The symbol of a series in the legend. */
const swatch = ({ color, dash = "", held = false, shape = "line" }) =>
  shape === "bar"
    ? `<svg width="22" height="10" aria-hidden="true"><rect x="6" y="1" width="10" height="8" style="fill:var(${color})"/></svg>`
    : shape === "line"
      ? `<svg width="22" height="10" aria-hidden="true"><path d="M0 5H22" style="stroke:var(${color});stroke-width:${held ? 1.5 : 2};stroke-dasharray:${dash};opacity:${held ? 0.75 : 1}"/></svg>`
      : `<svg width="14" height="12" aria-hidden="true">${glyph(shape, 7, 6, color)}</svg>`;

/**
 * A plot of `series`, each { name, values, color, dash, held, shape, band, beside, thin }, over `first`, 1 if it is not given, and so on. `range` gives the y axis
 * from the extent of the numbers. On a logarithmic axis a number of 0 is a triangle on the floor.
 */
class LinePlot extends Plot {
  constructor({ log = false, ticks, range, first = 1, ...rest }) {
    super(rest);
    Object.assign(this, { log, ticks, range, first, series: [], count: 0 });
    this.resized = () => this.redraw();
  }

  show(count, series) {
    Object.assign(this, { count, series });
    this.redraw();
  }

  redraw() {
    if (this.count === 0) return;
    const { series, log, count } = this;
    // Series marked `beside`, such as predictions, do not extend the axis.
    const shown = series.filter(({ beside }) => !beside);
    const values = shown.flatMap(({ values, band }) => (band ? [values, band.least, band.most] : [values]));
    let [low, high] = extent(values, log === true);
    if (this.range) [low, high] = this.range(low, high);
    const y = this.axis(low, high);
    this.draw(this.countFrom(countAxis(count)), y, (frame) => series.map((one) => this.shape(one, frame)).join(""));
  }

  /** The first number of the x axis need not be 1. */
  countFrom(axis) {
    return this.first === 1 ? axis : { ...axis, ticks: axis.ticks.map(({ at }) => ({ at, label: String(at + this.first - 1) })) };
  }

  axis(low, high) {
    if (this.log === "ln") return Number.isFinite(low) ? lnAxis(low, high, this.ticks) : lnAxis(-1, 1, this.ticks);
    return this.isLog(low, high) ? logAxis(low, high, this.ticks) : linearAxis(low, high, this.ticks);
  }

  /** `log` may also be "wide": only where the numbers are positive and span more than three decades. */
  isLog(low, high) {
    return this.log === true || (this.log === "wide" && low > 0 && high > 1e3 * low);
  }

  shape({ values, color, dash = "", held = false, thin = false, shape = "line", band }, frame) {
    const style = `stroke:var(${color});stroke-dasharray:${dash}`;
    if (shape === "bar") return this.bars(values, color, frame);
    // On an axis of logarithms a 0 is no point of the line: it is marked on the floor.
    const zeros = this.y.floor ? values.flatMap((value, k) => (value === 0 ? [k] : [])) : [];
    const line = zeros.length > 0 ? values.map((value) => (value === 0 ? null : value)) : values;
    const floor = (frame.top + frame.height).toFixed(1);
    const triangles = zeros.map((k) => `M${(frame.px(k + 1) - 3.5).toFixed(1)} ${floor}h7l-3.5 -6Z`).join("");
    const dots = lonely(line).map((k) => `<circle class="alone" cx="${frame.px(k + 1).toFixed(1)}" cy="${frame.py(line[k]).toFixed(1)}" r="${held ? 2 : 2.6}" style="fill:var(${color})"/>`).join("");
    const marks = dots + (triangles ? `<path class="nought" style="fill:var(${color});opacity:${held ? 0.6 : 1}" d="${triangles}"/>` : "");
    const drawn = `<path class="line${held ? " held" : ""}${thin ? " thin" : ""}" style="${style}" d="${linePath(line, frame)}"/>${marks}`;
    if (!band) return drawn;
    const there = linePath(band.most, frame);
    const back = linePath(band.least, frame);
    if (!there || !back) return drawn;
    // The lower edge of the band, from right to left.
    const points = back.slice(1).split(/[LM]/).reverse().join("L");
    return `<path class="band" style="fill:var(${color})" d="${there}L${points}Z"/>${drawn}`;
  }

  bars(values, color, { px, py, width }) {
    const wide = Math.max(1, (0.7 * width) / this.count);
    const zero = py(0);
    const bars = values.map((value, k) => {
      if (value === null) return "";
      const y = py(value);
      return `M${(px(k + 1) - wide / 2).toFixed(1)} ${zero.toFixed(1)}h${wide.toFixed(1)}V${y.toFixed(1)}h${(-wide).toFixed(1)}Z`;
    });
    const left = this.area.left;
    return `<path class="bars" style="fill:var(${color})" d="${bars.join("")}"/><path class="zero" d="M${left} ${zero.toFixed(1)}h${width}"/>`;
  }
}
