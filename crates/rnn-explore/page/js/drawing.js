// A curve that the reader draws, before the true one is laid over it.

/** A plot of powers of ten over the timesteps 1 to `count`, on which one draws. `least` and `most` are the ends of its axis. */
class DrawnCurve extends LinePlot {
  constructor({ count, least, most, drawn, changed }) {
    super({
      log: true,
      height: 240,
      xLabel: "timestep t",
      yLabel: "share of the gradient",
      range: () => [10 ** least, 10 ** most],
      description: "Your prediction: the gradient at each timestep, as a share of that at the last, on a logarithmic axis",
    });
    this.root.classList.add("drawing");
    Object.assign(this, { least, most, changed, truth: null, open: true, pen: null });
    /** The first and the last timestep at which one has drawn. */
    this.reach = null;
    /** The power of ten at each timestep; at the last it is 0. */
    this.powers = drawn ?? Array(count).fill(0);
    this.count = count;
    this.root.addEventListener("pointerdown", (event) => this.begin(event));
    this.root.addEventListener("pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) this.root.addEventListener(end, () => (this.pen = null));
    this.present();
  }

  /** Shows the curves that there are. */
  present() {
    const drawn = { name: "your curve", values: this.powers.map((power) => 10 ** power), color: "--c2", dash: "7 3" };
    const truth = this.truth && { name: "the network’s", values: this.truth, color: "--c1" };
    this.series = truth ? [drawn, truth] : [drawn];
    this.show(this.count, this.series);
  }

  /** Lays the true curve over the drawn one, and ends drawing. */
  reveal(truth) {
    Object.assign(this, { truth, open: false });
    this.root.classList.remove("drawing");
    this.present();
  }

  /** The timestep and the power of ten below the pointer. */
  at({ clientX, clientY }) {
    const { left, top, width, height } = this.area;
    const box = this.svg.getBoundingClientRect();
    const t = Math.round((this.count * (clientX - box.left - left)) / width + 0.5);
    const [low, high] = [Math.log10(this.y.low), Math.log10(this.y.high)];
    const power = high - ((clientY - box.top - top) / height) * (high - low);
    return [Math.min(Math.max(t, 1), this.count - 1), Math.min(Math.max(power, this.least), this.most)];
  }

  begin(event) {
    if (!this.open || !this.area) return;
    event.preventDefault();
    this.root.setPointerCapture(event.pointerId);
    this.pen = null;
    this.go(event, true);
  }

  /** Draws a straight line from where the pen was to where it is. */
  go(event, first = false) {
    if (!this.open || (this.pen === null && !first)) return;
    const [t, power] = this.at(event);
    const [from, start] = this.pen ?? [t, power];
    const steps = Math.abs(t - from);
    for (let k = 0; k <= steps; k += 1) {
      const share = steps === 0 ? 1 : k / steps;
      this.powers[from + Math.sign(t - from) * k - 1] = start + share * (power - start);
    }
    this.pen = [t, power];
    this.extend(t);
    this.present();
    this.changed();
  }

  /** Before where one has drawn, the curve is level; after it, it goes straight to 1 at the last timestep. */
  extend(t) {
    this.reach = [Math.min(this.reach?.[0] ?? t, t), Math.max(this.reach?.[1] ?? t, t)];
    const [first, latest] = this.reach;
    this.powers = this.powers.map((power, k) => {
      if (k + 1 < first) return this.powers[first - 1];
      if (k + 1 <= latest) return power;
      return (this.powers[latest - 1] * (this.count - k - 1)) / (this.count - latest);
    });
  }

  /** Straight lines through [[t, power]], in the order of time; to the last timestep the line ends at 0. */
  through(points) {
    const ends = [...points, [this.count, 0]];
    this.powers = this.powers.map((_, k) => {
      const t = k + 1;
      const next = Math.max(1, ends.findIndex(([at]) => at >= t));
      const [[from, start], [to, end]] = [ends[next - 1], ends[next]];
      return start + ((t - from) / (to - from)) * (end - start);
    });
    this.present();
  }
}
