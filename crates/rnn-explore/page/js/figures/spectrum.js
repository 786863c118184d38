// Eigenvalues and singular values of W_hh and of the step Jacobian of the marked timestep.

/** The computed Jacobian that is nearest to a timestep. */
const nearestJacobian = ({ jacobians }, t) =>
  jacobians.reduce((best, one) => (best && Math.abs(best.timestep - t) <= Math.abs(one.timestep - t) ? best : one), null);

const GLYPHS = ["dot", "square", "triangle", "plus"];

/** How many singular values are more than rounding: those above n ε σ_1. */
const rank = (values) => values.filter((value) => value > values.length * 2 ** -52 * values[0]).length;

/** A figure that shows W_hh beside the step Jacobian of the marked timestep. Subclasses draw in `redraw`. */
class MatricesFigure extends ChartFigure {
  has({ spectrum }) {
    return spectrum.weights.length > 0 || spectrum.jacobians.length > 0;
  }

  draw() {
    this.at = undefined;
    this.mark(this.marked ?? null);
  }

  mark(t) {
    this.marked = t;
    if (!this.view || this.root.hidden) return;
    const jacobian = nearestJacobian(this.view.spectrum, t ?? this.view.settings.time);
    if (this.at === (jacobian?.timestep ?? null)) return;
    this.at = jacobian?.timestep ?? null;
    this.redraw(jacobian && { ...jacobian, name: `step Jacobian at t = ${jacobian.timestep}` });
    // The sentence is about the timestep that is chosen; below the pointer may be another one.
    const { timestep, time } = this.view.settings;
    const chosen = nearestJacobian(this.view.spectrum, timestep || time)?.timestep;
    this.setCaption(!jacobian || jacobian.timestep === chosen ? this.view.sentences[this.id] : MatricesFigure.sentence(jacobian));
  }

  /** About the Jacobian below the pointer. */
  static sentence({ timestep, eigenvalues, singular_values }) {
    const radius = eigenvalues.length > 0 ? Math.hypot(...eigenvalues[0]) : null;
    return `At timestep ${timestep}, below the pointer, the step Jacobian has the spectral radius ${format(radius)} and the largest singular value ${format(singular_values[0] ?? null)}.`;
  }

  /** The matrices with their names: [{ name, eigenvalues, singular_values }]. */
  static matrices({ spectrum }) {
    return [...spectrum.weights, ...spectrum.jacobians.map((one) => ({ ...one, name: `step Jacobian, t = ${one.timestep}` }))];
  }
}

class SpectrumFigure extends MatricesFigure {
  constructor() {
    super("spectrum", "Eigenvalues");
    this.plot = this.add(new PlanePlot({ description: "Eigenvalues of the recurrent weights and of a step Jacobian on the complex plane, beside the unit circle" }));
    this.plot.root.classList.add("draggable");
  }

  redraw(jacobian) {
    const weights = this.view.spectrum.weights.map(({ name, eigenvalues }, k) => ({ name, points: eigenvalues, shape: GLYPHS[k % 4], color: COLORS[k % 4] }));
    const before = (this.held?.spectrum.weights ?? []).map(({ name, eigenvalues }, k, all) => ({ name: `A: ${name}`, points: eigenvalues, shape: all.length === 1 ? "ring" : GLYPHS[k % 4], color: "--neutral" }));
    const series = [...before, ...weights, ...(jacobian ? [{ name: jacobian.name, points: jacobian.eigenvalues, shape: "cross", color: "--c2" }] : [])];
    this.plot.show(series);
    this.setLegend(series);
  }

  /**
   * Dragging an eigenvalue of the weights: `move(scale, done)` is called with the weight scale at which its magnitude is that of
   * the pointer. All eigenvalues of W_hh grow with the weight scale; past 0 they change their sign.
   */
  onScale(move) {
    let grabbed = null;
    const root = this.plot.root;
    const scaleAt = (event) => {
      const [re, im] = this.plot.values(event);
      const [a, b] = grabbed.from;
      const size = Math.hypot(re, im) / Math.hypot(a, b);
      const side = grabbed.real && re * a < 0 ? -1 : 1;
      return Math.round(side * size * grabbed.scale * 1000) / 1000;
    };
    root.addEventListener("pointerdown", (event) => {
      grabbed = this.plot.area ? this.grab(event) : null;
      if (!grabbed) return;
      event.preventDefault();
      root.setPointerCapture(event.pointerId);
      this.plot.frozenReach = this.plot.reach;
    });
    root.addEventListener("pointermove", (event) => {
      if (grabbed) move(scaleAt(event), false);
    });
    const end = (event) => {
      if (!grabbed) return;
      const scale = scaleAt(event);
      grabbed = this.plot.frozenReach = null;
      move(scale, true);
    };
    root.addEventListener("pointerup", end);
    root.addEventListener("pointercancel", end);
  }

  /** The eigenvalue of the weights below the pointer: { from, scale, real }, or null. */
  grab(event) {
    const { x, y } = this.plot.point(event);
    const { px, py } = this.plot.area;
    const near = (point) => Math.hypot(px(point[0]) - x, py(point[1]) - y);
    const all = this.view.spectrum.weights.flatMap(({ eigenvalues }) => eigenvalues);
    const nearest = all.reduce((best, one) => (best && near(best) <= near(one) ? best : one), null);
    if (!nearest || near(nearest) > 16) return null;
    const scale = this.view.settings.weight_scale;
    const size = Math.hypot(...nearest);
    if (scale !== 0 && size > 0) return { from: nearest, scale, real: Math.abs(nearest[1]) < 1e-9 * size };
    // At a scale of 0 all eigenvalues lie in the middle; the largest is taken along.
    const critical = this.view.critical_scale;
    return critical ? { from: [1, 0], scale: critical, real: true } : null;
  }

  numbers(view) {
    return {
      head: ["matrix", "index", "real part", "imaginary part", "magnitude"],
      rows: MatricesFigure.matrices(view).flatMap(({ name, eigenvalues }) => eigenvalues.map(([re, im], k) => [name, k + 1, re, im, Math.hypot(re, im)])),
    };
  }
}

class SingularFigure extends MatricesFigure {
  constructor() {
    super("singular", "Singular values");
    this.plot = this.add(new LinePlot({ log: true, height: 240, xLabel: "index", yLabel: "σ", description: "Singular values of the recurrent weights and of a step Jacobian, from the largest to the smallest" }));
  }

  /** A series of singular values, without those that are only rounding. */
  static series({ name, singular_values: values }, look) {
    const [of, count] = [rank(values), values.length];
    return { name: of === count ? name : `${name}, rank ${of} of ${count}`, values: values.map((value, k) => (k < of ? value : null)), ...look };
  }

  redraw(jacobian) {
    const weights = ({ spectrum }) => spectrum.weights.map((matrix, k) => SingularFigure.series(matrix, { color: COLORS[k % 4], dash: DASHES[k % 4] }));
    const step = jacobian ? [SingularFigure.series(jacobian, { color: "--neutral", dash: "6 2 2 2" })] : [];
    const series = withHeld([...weights(this.view), ...step], this.held ? weights(this.held) : []);
    this.plot.show(Math.max(1, ...series.map(({ values }) => values.length)), series);
    this.setLegend(series.map(({ values, ...rest }) => rest));
  }

  numbers(view) {
    return {
      head: ["matrix", "index", "singular value"],
      rows: MatricesFigure.matrices(view).flatMap(({ name, singular_values }) => singular_values.map((value, k) => [name, k + 1, value])),
    };
  }
}
