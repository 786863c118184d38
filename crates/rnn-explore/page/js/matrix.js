// Numbers as colours: the matrix ‖dL_t/dh_k‖, and values by unit and timestep.

/** A plot whose numbers are the pixels of a canvas below its axes. */
class CanvasPlot extends Plot {
  constructor(rest) {
    super(rest);
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.root.prepend(this.canvas);
    this.resized = () => this.redraw();
  }

  /** Shows `columns` × `rows` pixels; `paint` sets those of an array that starts at the top left. */
  paint(columns, rows, paint) {
    this.canvas.hidden = columns === 0 || rows === 0 || this.width === 0;
    if (this.canvas.hidden) return;
    const { left, top, width, height } = this.area;
    Object.assign(this.canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    [this.canvas.width, this.canvas.height] = [columns, rows];
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(columns, rows);
    paint(new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  }
}

class MatrixPlot extends CanvasPlot {
  constructor(rest) {
    super(rest);
    this.rows = [];
    this.wantedHeight = (width) => (this.strip ? 96 : Math.min(340, Math.max(180, width - this.fixed.left - this.fixed.right + this.fixed.top + this.fixed.bottom)));
  }

  /** `rows[t]` holds k = 0 .. t; colours run over `range`. If the last row alone has a gradient, it is drawn as a strip. */
  show(rows, range) {
    Object.assign(this, { rows, colors: range });
    this.strip = rows.length > 2 && rows.slice(0, -1).every((row) => row.every((norm) => norm === 0));
    this.redraw();
  }

  redraw() {
    const count = this.rows.length;
    const time = countAxis(count || 1, this.width < 260 ? 4 : 8);
    const single = { low: 0.5, high: 1.5, position: () => 0.5, ticks: [{ at: count, label: String(count) }] };
    this.draw(time, this.strip ? single : time, () => "");
    const shown = this.strip ? this.rows.slice(-1) : this.rows;
    this.paint(count, shown.length, (pixels) => {
      shown.forEach((row, t) => {
        // The last timestep is the top row.
        const first = (shown.length - 1 - t) * count;
        row.forEach((norm, k) => {
          if (norm > 0) pixels[first + k] = CIVIDIS_PIXELS[colourIndex(norm, this.colors)];
        });
      });
    });
  }

  /** A column and a row. */
  markPath(t) {
    const { px, py, top, height, left, width } = this.area;
    const column = `M${px(t).toFixed(1)} ${top}v${height}`;
    return this.strip ? column : `${column}M${left} ${py(t).toFixed(1)}h${width}`;
  }
}

/** Values by unit, from 1 at the bottom, and timestep. */
class HeatPlot extends CanvasPlot {
  constructor(rest) {
    super(rest);
    Object.assign(this, { rows: [], followed: null });
    this.wantedHeight = () => Math.min(300, Math.max(110, 44 + 12 * this.rows.length));
  }

  /** `colour` gives the pixel of a value, or 0. */
  show(rows, colour) {
    Object.assign(this, { rows, colour });
    this.redraw();
  }

  follow(unit) {
    this.followed = unit;
    this.redraw();
  }

  redraw() {
    const [units, count] = [this.rows.length, this.rows[0]?.length ?? 0];
    if (count === 0) return;
    this.draw(countAxis(count), countAxis(units, 5), ({ left, width, py }) => {
      if (this.followed === null || this.followed > units) return "";
      const half = Math.abs(py(1) - py(2)) / 2 || 10;
      return `<path class="followed" d="M${left} ${(py(this.followed) - half).toFixed(1)}h${width}v${(2 * half).toFixed(1)}h${-width}Z"/>`;
    });
    this.paint(count, units, (pixels) => {
      this.rows.forEach((row, u) => {
        const first = (units - 1 - u) * count;
        row.forEach((value, t) => {
          if (value !== null) pixels[first + t] = this.colour(value);
        });
      });
    });
  }

  /** The unit below a pointer. */
  unit(event) {
    const { top, height } = this.area;
    const share = 1 - (this.point(event).y - top) / height;
    const unit = Math.floor(share * this.rows.length) + 1;
    return unit >= 1 && unit <= this.rows.length ? unit : null;
  }
}
