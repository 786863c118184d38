// A state of two numbers as a point of a plane, with the states that stay where they are.

class StatePlaneFigure extends ChartFigure {
  constructor() {
    super("plane", "The state in its plane");
    this.plot = this.add(new PlanePlot({ circle: false, least: 0.1, xLabel: "", yLabel: "", description: "The trajectory of a state of two numbers, and the fixed points of the network with an input of 0" }));
  }

  has(view) {
    return Boolean(view.plane);
  }

  draw(view) {
    const { trajectory, fixed, axes } = view.plane;
    [this.plot.xLabel, this.plot.yLabel] = axes;
    const points = (stable) => fixed.filter((one) => one.stable === stable).map(({ at }) => at);
    this.stay = [
      { name: "stable fixed point", points: points(true), shape: "dot", color: "--c3" },
      { name: "unstable fixed point", points: points(false), shape: "ring", color: "--c2" },
    ].filter(({ points }) => points.length > 0);
    this.trajectory = trajectory;
    this.redraw();
    this.setCaption(view.sentences.plane);
  }

  redraw() {
    const at = this.trajectory[(this.marked ?? this.trajectory.length) - 1];
    const now = at ? [{ name: "marked timestep", points: [at], shape: "diamond", color: "--c1" }] : [];
    const series = [...this.stay, { name: "timestep 1", points: this.trajectory.slice(0, 1), shape: "square", color: "--c1" }, ...now];
    this.plot.show(series, this.trajectory);
    this.setLegend(series);
  }

  mark(t) {
    this.marked = t;
    if (this.view && !this.root.hidden && this.trajectory) this.redraw();
  }

  numbers({ plane }) {
    return { head: ["t", ...plane.axes], rows: plane.trajectory.map(([x, y], k) => [k + 1, x, y]) };
  }
}
