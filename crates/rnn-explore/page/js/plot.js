// The frame of every plot: axes, grid, labels, and the marked timestep.

let plots = 0;

const MARGIN = { left: 62, right: 10, top: 8, bottom: 36 };

/** The width of a label of a tick, in pixels. */
const labelWidth = (label) => 6.8 * label.replace("^", "").length;

/**
 * A plot with an x and a y axis, in an SVG element. `draw` is called when the numbers change; the mark moves without a redraw.
 * `height` is a number of pixels, or a function that gives it.
 */
class Plot {
  constructor({ height = 200, xLabel, yLabel, description, margin = {} }) {
    Object.assign(this, { wantedHeight: height, xLabel, yLabel, fixed: { ...MARGIN, ...margin }, margin: { ...MARGIN, ...margin }, marked: null });
    this.clip = `clip-${(plots += 1)}`;
    this.root = document.createElement("div");
    this.root.className = "plot";
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", description);
    this.root.append(this.svg);
    // Measured here, since reading a width while drawing forces a layout of the page for every plot.
    this.width = 0;
    this.resized = () => {};
    new ResizeObserver(([{ contentRect }]) => {
      const width = Math.round(contentRect.width);
      if (width > 0 && width !== this.width) {
        this.width = width;
        this.resized();
      }
    }).observe(this.root);
  }

  /** Inner width and height, and functions from values to pixels. */
  frame(x, y) {
    const { left, right, top, bottom } = this.margin;
    const [width, height] = [Math.max(40, this.width - left - right), this.height - top - bottom];
    const px = (value) => left + width * x.position(value);
    const py = (value) => top + height * (1 - y.position(value));
    return { left, top, width, height, px, py };
  }

  /** Draws the axes and `shapes`, a function from the frame to SVG text. */
  draw(x, y, shapes) {
    if (this.width === 0) return;
    this.height = typeof this.wantedHeight === "function" ? this.wantedHeight(this.width) : this.wantedHeight;
    // Long labels of ticks must not lie on the label of the axis.
    const longest = Math.max(0, ...y.ticks.map(({ label }) => labelWidth(label)));
    this.margin = { ...this.fixed, left: Math.max(this.fixed.left, Math.ceil(longest) + 29) };
    const frame = this.frame(x, y);
    Object.assign(this, { x, y, area: frame });
    const { left, top, width, height, px, py } = frame;
    const [right, bottom] = [left + width, top + height];
    const parts = [];
    for (const { at, label } of y.ticks) {
      const v = py(at).toFixed(1);
      parts.push(`<path class="grid" d="M${left} ${v}H${right}"/><text x="${left - 7}" y="${v}" dy=".35em" text-anchor="end">${raised(label)}</text>`);
    }
    let free = -Infinity;
    for (const { at, label } of x.ticks) {
      const h = px(at);
      const half = labelWidth(label) / 2;
      if (h - half < free + 4) continue;
      free = h + half;
      parts.push(`<path class="axis" d="M${h.toFixed(1)} ${bottom}v4"/><text x="${h.toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${raised(label)}</text>`);
    }
    parts.push(
      `<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`,
      `<text class="label" x="${left + width / 2}" y="${bottom + 32}" text-anchor="middle">${subscripted(this.xLabel)}</text>`,
      `<text class="label" transform="translate(13 ${top + height / 2}) rotate(-90)" text-anchor="middle">${subscripted(this.yLabel)}</text>`,
      `<clipPath id="${this.clip}"><rect x="${left}" y="${top - 2}" width="${width}" height="${height + 4}"/></clipPath>`,
      `<g clip-path="url(#${this.clip})">${shapes(frame)}<path class="mark"/></g>`,
    );
    this.put(parts);
  }

  /** Shows these parts, at the size of the plot. */
  put(parts) {
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.style.height = `${this.height}px`;
    this.svg.innerHTML = parts.join("");
    this.mark(this.marked);
  }

  /** Marks a timestep, or none. */
  mark(t) {
    this.marked = t;
    const line = this.svg.querySelector(".mark");
    if (line && this.area) line.setAttribute("d", t === null ? "" : this.markPath(t));
  }

  markPath(t) {
    const { px, top, height } = this.area;
    return `M${px(t).toFixed(1)} ${top}v${height}`;
  }

  /** The point of a pointer event in the numbers of the axes' pixels: { x, y }. */
  point({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    return { x: ((clientX - box.left) * this.width) / (box.width || 1), y: ((clientY - box.top) * this.height) / (box.height || 1) };
  }

  /** The timestep below a pointer, or null. */
  timestep(event) {
    if (!this.area) return null;
    const { left, width } = this.area;
    const share = (this.point(event).x - left) / width;
    if (share < -0.03 || share > 1.03) return null;
    const t = Math.round(this.x.low + share * (this.x.high - this.x.low));
    return Math.min(Math.max(t, Math.ceil(this.x.low)), Math.floor(this.x.high));
  }

  /** Calls `hover` with the timestep below the pointer, or null, and `choose` with a timestep that is clicked. */
  followPointer(hover, choose) {
    this.root.addEventListener("pointermove", (event) => hover(this.timestep(event)));
    this.root.addEventListener("pointerleave", () => hover(null));
    this.root.addEventListener("click", (event) => {
      const t = this.timestep(event);
      if (t !== null) choose(t);
    });
  }
}

/** The path of a line over x = 1, 2, …, with a gap where a number is missing. */
function linePath(values, { px, py }) {
  let path = "";
  let pen = false;
  values.forEach((value, k) => {
    const y = value === null || value === undefined ? NaN : py(value);
    if (!Number.isFinite(y)) {
      pen = false;
      return;
    }
    path += `${pen ? "L" : "M"}${px(k + 1).toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}

/** The indices of numbers without a neighbour, which no line would show. */
function lonely(values) {
  const there = (k) => values[k] !== null && values[k] !== undefined && Number.isFinite(values[k]);
  return values.flatMap((_, k) => (there(k) && !there(k - 1) && !there(k + 1) ? [k] : []));
}

/** The least and the greatest number of some arrays; with `positive`, of those above 0. */
function extent(arrays, positive = false) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of arrays) {
    for (const value of values) {
      if (value === null || !Number.isFinite(value) || (positive && !(value > 0))) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}
