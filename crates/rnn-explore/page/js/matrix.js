// The matrix ‖dL_t/dh_k‖ as colours on a logarithmic scale.

// Cividis, a colour map that is readable with every kind of colour vision, at ten evenly spaced points.
const CIVIDIS = [[0, 34, 78], [18, 53, 112], [59, 73, 109], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 157, 116], [195, 180, 105], [225, 204, 85], [254, 232, 56]];

/** 256 colours of the map in the format of a canvas: four bytes each, red in the lowest. */
const CIVIDIS_PIXELS = Uint32Array.from({ length: 256 }, (_, index) => {
  const at = (index / 255) * (CIVIDIS.length - 1);
  const k = Math.min(Math.floor(at), CIVIDIS.length - 2);
  const [r, g, b] = CIVIDIS[k].map((from, channel) => Math.round(from + (at - k) * (CIVIDIS[k + 1][channel] - from)));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
});

/** Numbers below this share of the largest have the darkest colour. */
const DEEPEST = 1e-12;

class MatrixPlot extends Plot {
  constructor(rest) {
    super(rest);
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.root.prepend(this.canvas);
    this.rows = [];
    this.resized = () => this.redraw();
  }

  /** `rows[t]` holds k = 0 .. t; colours run over `range`. */
  show(rows, range) {
    Object.assign(this, { rows, colors: range });
    this.redraw();
  }

  redraw() {
    const count = this.rows.length;
    const axis = countAxis(count || 1, this.width < 260 ? 4 : 8);
    this.height = Math.min(340, Math.max(180, this.width - this.margin.left - this.margin.right + this.margin.top + this.margin.bottom));
    this.draw(axis, axis, () => "");
    if (count === 0 || this.width === 0) {
      this.canvas.hidden = true;
      return;
    }
    const { left, top, width, height } = this.area;
    this.canvas.hidden = false;
    Object.assign(this.canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    this.canvas.width = this.canvas.height = count;
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(count, count);
    const pixels = new Uint32Array(image.data.buffer);
    const [low, high] = this.colors.map(Math.log10);
    const scale = 255 / (high - low);
    this.rows.forEach((row, t) => {
      // The last timestep is the top row.
      const first = (count - 1 - t) * count;
      row.forEach((norm, k) => {
        if (!(norm > 0)) return;
        const index = Math.round((Math.log10(norm) - low) * scale);
        pixels[first + k] = CIVIDIS_PIXELS[Math.min(Math.max(index, 0), 255)];
      });
    });
    context.putImageData(image, 0, 0);
  }

  /** A column and a row. */
  markPath(t) {
    const { px, py, top, height, left, width } = this.area;
    return `M${px(t).toFixed(1)} ${top}v${height}M${left} ${py(t).toFixed(1)}h${width}`;
  }
}

/** The range of colours of all these rows. */
function matrixRange(rows) {
  let [low, high] = extent(rows, true);
  if (!(high > 0)) return [DEEPEST, 1];
  low = Math.max(low, high * DEEPEST);
  return [low < high ? low : high / 10, high];
}
