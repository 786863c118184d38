// What all figures share: title, legend, body, sentence, and the numbers as a table.

const COLORS = ["--c1", "--c2", "--c3", "--c4"];

const layerName = (k, count) => (count === 1 ? "" : ` of layer ${k + 1}`);

/** The current series, and those of A beneath them, thinner and dotted. */
const withHeld = (series, held) => [
  ...held.map((one) => ({ ...one, name: `A: ${one.name}`, held: true, dash: one.heldDash ?? "2 2", band: undefined, shape: "line" })),
  ...series,
];

/** A table of series over 1, 2, …: { head, rows }. */
const seriesTable = (first, series) => ({
  head: [first, ...series.map(({ name }) => name)],
  rows: Array.from({ length: Math.max(0, ...series.map(({ values }) => values.length)) }, (_, k) => [k + 1, ...series.map(({ values }) => values[k] ?? null)]),
});

/** A legend of series, with room for the number of each at the marked timestep. */
class Legend {
  constructor() {
    this.root = document.createElement("ul");
    this.root.className = "legend";
    this.series = [];
  }

  show(series) {
    this.series = series;
    const html = series.map((one) => `<li>${swatch(one)}<span>${subscriptedHtml(one.name)}</span>${one.values ? "<b></b>" : ""}</li>`).join("");
    if (html === this.html) return;
    this.root.innerHTML = this.html = html;
    this.numbers = [...this.root.querySelectorAll("b")];
  }

  /** `at` is the index of the number that each series shows. */
  mark(at) {
    this.series
      .filter(({ values }) => values)
      .forEach(({ values, percent, exponential }, k) => {
        const value = at === null ? null : values[at];
        const text = value === undefined || value === null ? "" : percent ? formatPercent(value) : format(exponential ? Math.exp(value) : value);
        if (this.numbers[k].textContent !== text) this.numbers[k].textContent = text;
      });
  }
}

/**
 * A figure. Subclasses make plots in their constructor, draw in `draw(view, held)`, and give what they draw as a table in
 * `numbers(view)`: { head, rows }. `has(view)` says whether there is something to draw.
 */
class ChartFigure {
  constructor(id, title) {
    Object.assign(this, { id, title, plots: [], overTime: false });
    this.root = document.createElement("figure");
    this.root.className = "chart";
    this.root.dataset.chart = id;
    this.root.dataset.part = id;
    const save = (kind) => `<button type="button" data-save="${kind.toLowerCase()}" aria-label="Save “${escapeText(title)}” as ${kind}">${kind}</button>`;
    this.root.innerHTML = `<header><h3>${subscriptedHtml(title)}</h3><button type="button" data-numbers aria-expanded="false" aria-label="Table of “${escapeText(title)}”">Table</button>${["SVG", "PNG", "CSV"].map(save).join("")}</header><div class="body"></div><figcaption></figcaption><div class="scroll" tabindex="0" role="region" aria-label="Numbers of “${escapeText(title)}”" hidden></div>`;
    this.legend = new Legend();
    this.list = this.legend.root;
    this.root.querySelector("header").append(this.list);
    this.body = this.root.querySelector(".body");
    this.caption = this.root.querySelector("figcaption");
    this.table = this.root.querySelector(".scroll");
    this.root.querySelector("[data-numbers]").addEventListener("click", ({ currentTarget }) => {
      this.table.hidden = !this.table.hidden;
      currentTarget.setAttribute("aria-expanded", String(!this.table.hidden));
      this.fillTable();
    });
  }

  add(plot, place = this.body) {
    this.plots.push(plot);
    place.append(plot.root);
    return plot;
  }

  has() {
    return true;
  }

  /** Draws a view, and A. */
  update(view, held) {
    Object.assign(this, { view, held });
    this.root.hidden = !this.has(view);
    if (this.root.hidden) return;
    this.draw(view, held);
    this.fillTable();
  }

  numbers() {
    return { head: [], rows: [] };
  }

  fillTable() {
    if (!this.table.hidden && this.view && !this.root.hidden) this.table.innerHTML = tableOf(this.numbers(this.view));
  }

  setLegend(series) {
    this.legend.show(series);
  }

  setCaption(text) {
    if (this.said !== text) this.caption.innerHTML = subscriptedHtml(text ?? "");
    this.said = text;
  }

  mark(t) {
    this.plots.forEach((plot) => plot.mark(t));
    this.legend.mark(t === null ? null : t - 1);
  }
}
