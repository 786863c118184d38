// The plane: eigenvalues beside the unit circle, or states of two units. Both axes have the same scale.

/** A marker at a point. Series differ in shape as well as in colour. */
function glyph(shape, x, y, color) {
  const style = `style="stroke:var(${color});fill:${shape === "dot" ? `var(${color})` : "none"};stroke-width:1.6"`;
  const [h, v] = [x.toFixed(1), y.toFixed(1)];
  switch (shape) {
    case "dot":
      return `<circle cx="${h}" cy="${v}" r="3.2" ${style}/>`;
    case "ring":
      return `<circle cx="${h}" cy="${v}" r="3.6" ${style}/>`;
    case "cross":
      return `<path d="M${h} ${v}m-3.5 -3.5l7 7m0 -7l-7 7" ${style}/>`;
    case "plus":
      return `<path d="M${h} ${v}m-4 0h8m-4 -4v8" ${style}/>`;
    case "square":
      return `<path d="M${h} ${v}m-3.2 -3.2h6.4v6.4h-6.4Z" ${style}/>`;
    case "diamond":
      return `<path d="M${h} ${v}m0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6Z" ${style}/>`;
    default:
      return `<path d="M${h} ${v}m0 -4.4l4 7h-8Z" ${style}/>`;
  }
}

class PlanePlot extends Plot {
  constructor({ circle = true, least = 1, ...rest }) {
    super({ xLabel: "real part", yLabel: "imaginary part", height: (width) => Math.min(340, Math.max(200, width * 0.8)), ...rest });
    Object.assign(this, { circle, least, series: [], trace: null, frozenReach: null });
    this.resized = () => this.redraw();
  }

  /** `series`, each { points: [[re, im]], shape, color }; `trace` is a path through points. */
  show(series, trace = null) {
    Object.assign(this, { series, trace });
    this.redraw();
  }

  redraw() {
    if (this.width === 0) return;
    const { left, right, top, bottom } = this.fixed;
    const [width, height] = [Math.max(40, this.width - left - right), this.wantedHeight(this.width) - top - bottom];
    const all = [...this.series.flatMap(({ points }) => points), ...(this.trace ?? [])].filter((point) => point.every(Number.isFinite));
    const needed = 1.12 * all.reduce((most, [re, im]) => Math.max(most, Math.abs(re), Math.abs(im)), this.least);
    // While a point is dragged, the plane stays as it is, or the point would run away from the pointer.
    const reach = this.frozenReach ?? needed;
    this.reach = reach;
    const [wide, tall] = width > height ? [(reach * width) / height, reach] : [reach, (reach * height) / width];
    const about = (half, ticks) => {
      const axis = linearAxis(-half, half, ticks);
      const inside = axis.ticks.filter(({ at }) => Math.abs(at) <= half);
      return { low: -half, high: half, position: (x) => (x + half) / (2 * half), ticks: inside };
    };
    this.draw(about(wide, 6), about(tall, 5), ({ px, py, left, top, width, height }) => {
      const radius = (width / (2 * wide)).toFixed(1);
      const axes = `<path class="grid" d="M${px(0).toFixed(1)} ${top}v${height}M${left} ${py(0).toFixed(1)}h${width}"/>`;
      const circle = this.circle ? `<circle class="circle" cx="${px(0).toFixed(1)}" cy="${py(0).toFixed(1)}" r="${radius}"/>` : "";
      const path = this.trace ? `<path class="line thin" style="stroke:var(--c1)" d="${this.trace.map(([x, y], k) => `${k === 0 ? "M" : "L"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("")}"/>` : "";
      const points = this.series.map(({ points, shape, color }) => points.map(([re, im]) => glyph(shape, px(re), py(im), color)).join(""));
      return axes + circle + path + points.join("");
    });
  }

  /** The numbers below a pointer. */
  values(event) {
    const { left, top, width, height } = this.area;
    const { x, y } = this.point(event);
    return [this.x.low + ((x - left) / width) * (this.x.high - this.x.low), this.y.high - ((y - top) / height) * (this.y.high - this.y.low)];
  }

  mark(t) {
    this.marked = t;
  }
}
