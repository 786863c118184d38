// Bars that add up: parts of a sum, positive ones above the axis and negative ones below it, and the sum itself.

class StackedPlot extends Plot {
  constructor(rest) {
    super(rest);
    Object.assign(this, { count: 0, parts: [], total: [] });
    this.resized = () => this.redraw();
  }

  /** `parts`, each { values, color }, over the steps between timesteps 1 .. `count`: entry k lies between k + 1 and k + 2. */
  show(count, parts, total) {
    Object.assign(this, { count, parts, total });
    this.redraw();
  }

  /** The bars of each step: for every part its lower and its upper end. */
  static stack(parts) {
    return parts[0].values.map((_, k) => {
      let [below, above] = [0, 0];
      return parts.map(({ values }) => {
        const value = values[k] ?? 0;
        const from = value < 0 ? below : above;
        if (value < 0) below += value;
        else above += value;
        return [from, from + value];
      });
    });
  }

  redraw() {
    if (this.parts.length === 0) return;
    const stacks = StackedPlot.stack(this.parts);
    const [low, high] = extent([...stacks.flat(), this.total, [0]]);
    this.draw(countAxis(this.count), linearAxis(low, high), ({ px, py, left, width }) => {
      const wide = Math.max(1, (0.72 * width) / this.count);
      const bar = (k, from, to) => `M${(px(k + 1.5) - wide / 2).toFixed(1)} ${py(from).toFixed(2)}h${wide.toFixed(1)}V${py(to).toFixed(2)}h${(-wide).toFixed(1)}Z`;
      const bars = this.parts.map(({ color, pattern }, of) => {
        const path = stacks.map((ends, k) => (ends[of][0] === ends[of][1] ? "" : bar(k, ...ends[of]))).join("");
        return `<path class="bars" data-part="${of}" style="fill:var(${color});fill-opacity:${pattern ? 0.55 : 0.9}" d="${path}"/>`;
      });
      const total = this.total.map((value, k) => (value === null ? "" : `M${(px(k + 1.5) - wide / 2 - 1).toFixed(1)} ${py(value).toFixed(2)}h${(wide + 2).toFixed(1)}`)).join("");
      return `${bars.join("")}<path class="zero" d="M${left} ${py(0).toFixed(1)}h${width}"/><path class="sum" d="${total}"/>`;
    });
  }

  /** The step back from t to t − 1. */
  markPath(t) {
    const { px, top, height } = this.area;
    return `M${px(Math.max(1.5, t - 0.5)).toFixed(1)} ${top}v${height}`;
  }
}
