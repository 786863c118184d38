// Which figures there are, and the groups that they open in. The first two are always shown.

const makeMain = () => ({ sequence: new SequenceFigure(), gradient: new GradientFigure() });

const makeGroups = () => [
  { id: "step", title: "How a step back is made", figures: [new StepsFigure(), new HiddenFigure(), new SaturationFigure()] },
  { id: "gated", title: "The highway", figures: [new HighwayFigure(), new KeptFigure(), new GatesFigure()] },
  { id: "unit-by-unit", title: "Unit by unit", figures: [new UnitStates(), new UnitGradients(), new UnitFigure(), new StatePlaneFigure()] },
  { id: "far", title: "How far each loss reaches", figures: [new ReachFigure(), new LagFigure()] },
  { id: "weights", title: "Weights and their spectra", figures: [new SpectrumFigure(), new SingularFigure(), new FanFigure(), new TermsFigure()] },
  { id: "learning", title: "Training", figures: [new TrainingFigure(), new CourseFigure()] },
  { id: "scales", title: "Map of scales", figures: [new MapFigure()] },
];

/** A group of figures that opens and closes; while it is closed its figures draw nothing. */
class Group {
  constructor({ id, title, figures }) {
    Object.assign(this, { id, figures });
    this.root = document.createElement("details");
    this.root.className = "group";
    this.root.dataset.group = id;
    this.root.innerHTML = `<summary>${escapeText(title)}</summary><div class="charts"></div>`;
    this.root.lastElementChild.append(...figures.map(({ root }) => root));
  }

  get open() {
    return this.root.open && !this.root.hidden;
  }

  /** Draws what is open, and hides itself if there is nothing to draw. */
  update(view, held) {
    this.root.hidden = !this.figures.some((figure) => figure.has(view));
    if (this.open) for (const figure of this.figures) figure.update(view, held);
  }

  mark(t) {
    if (this.open) for (const figure of this.figures) if (!figure.root.hidden) figure.mark(t);
  }
}
