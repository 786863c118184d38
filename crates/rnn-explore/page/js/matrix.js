// The matrix ‖dL_t/dh_k‖ as colours on a logarithmic scale.

// Cividis, which reads the same with every kind of colour vision: its values at eighths.
const CIVIDIS = [[0, 34, 78], [18, 53, 112], [59, 73, 109], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 157, 116], [195, 180, 105], [225, 204, 85], [254, 232, 56]];

function cividis(share) {
  const at = Math.min(Math.max(share, 0), 1) * (CIVIDIS.length - 1);
  const k = Math.min(Math.floor(at), CIVIDIS.length - 2);
  return CIVIDIS[k].map((from, channel) => Math.round(from + (at - k) * (CIVIDIS[k + 1][channel] - from)));
}

/** Below this share of the largest number all colours are the darkest. */
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
    const [low, high] = this.colors.map(Math.log10);
    this.rows.forEach((row, t) => {
      row.forEach((norm, k) => {
        if (!(norm > 0)) return;
        const [r, g, b] = cividis((Math.log10(norm) - low) / (high - low));
        // The latest timestep is the topmost row.
        image.data.set([r, g, b, 255], 4 * ((count - 1 - t) * count + k));
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
