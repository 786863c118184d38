// The states of two units as points of a plane, with the states that stay where they are.

class StatePlaneFigure extends ChartFigure {
  constructor() {
    super("plane", "The states of two units");
    this.plot = this.add(new PlanePlot({ circle: false, least: 0.1, xLabel: "unit 1", yLabel: "unit 2", description: "The trajectory of the state of two units, and the fixed points of the network without input" }));
  }

  has(view) {
    return Boolean(view.plane);
  }

  draw(view) {
    const { trajectory, fixed } = view.plane;
    const points = (stable) => fixed.filter((one) => one.stable === stable).map(({ at }) => at);
    this.stay = [
      { name: "stable fixed point", points: points(true), shape: "dot", color: "--c3" },
      { name: "unstable fixed point", points: points(false), shape: "ring", color: "--c2" },
    ].filter(({ points }) => points.length > 0);
    this.trajectory = trajectory;
    this.redraw();
    this.setCaption(view.sentences.plane || StatePlaneFigure.sentence(view.plane));
  }

  static sentence({ fixed }) {
    if (fixed.length === 0) return "With no input, no fixed point was found.";
    const stable = fixed.filter((one) => one.stable).length;
    const parts = fixed.slice(0, 3).map(({ at, eigenvalues, stable }) => `(${at.map(format).join(", ")}), ${stable ? "stable" : "unstable"}, with the eigenvalue magnitudes ${eigenvalues.map(([re, im]) => format(Math.hypot(re, im))).join(" and ")}`);
    return `With no input there ${fixed.length === 1 ? "is 1 fixed point" : `are ${fixed.length} fixed points`}, ${stable} of them stable: ${parts.join("; ")}${fixed.length > 3 ? "; …" : ""}.`;
  }

  redraw() {
    const at = this.trajectory[(this.marked ?? this.trajectory.length) - 1];
    const now = at ? [{ name: "marked timestep", points: [at], shape: "diamond", color: "--c1" }] : [];
    const series = [...this.stay, { name: "h_1", points: this.trajectory.slice(0, 1), shape: "square", color: "--c1" }, ...now];
    this.plot.show(series, this.trajectory);
    this.setLegend(series);
  }

  mark(t) {
    this.marked = t;
    if (this.view && !this.root.hidden && this.trajectory) this.redraw();
  }

  numbers({ plane }) {
    return { head: ["t", "unit 1", "unit 2"], rows: plane.trajectory.map(([x, y], k) => [k + 1, x, y]) };
  }
}
