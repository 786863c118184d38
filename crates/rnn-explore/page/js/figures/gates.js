// The gates of a gated cell.

const GATE_NAMES = { i: "input gate i", f: "forget gate f", g: "candidate g", o: "output gate o", r: "reset gate r", z: "update gate z", n: "candidate n", h: "candidate h" };

const gateName = (name) => GATE_NAMES[name] ?? `gate ${name}`;

/** Gates that let a part through, and not candidates. */
const isShare = ({ name }) => !["g", "n", "h"].includes(name);

class GatesFigure extends ChartFigure {
  constructor() {
    super("gates", "Gates: mean, least and greatest over units");
    this.overTime = true;
    this.body.className = "body multiples";
    this.small = [0, 1, 2, 3].map((k) => {
      const place = document.createElement("div");
      place.innerHTML = "<h4></h4>";
      this.body.append(place);
      const plot = this.add(new LinePlot({ height: 128, ticks: 2, xLabel: "timestep t", yLabel: "value", range: (low, high) => [low < 0 ? Math.min(-1, low) : 0, Math.max(1, high)], margin: { left: 48 }, description: "A gate by timestep" }), place);
      return { place, plot, title: place.firstChild };
    });
  }

  has(view) {
    return view.gates.length > 0;
  }

  draw(view, held) {
    this.small.forEach(({ place, plot }, k) => {
      const gate = view.gates[k];
      place.hidden = !gate;
      if (!gate) return;
      const series = [{ name: "mean", values: gate.mean, color: "--c1", band: gate }];
      const before = held?.gates.find(({ name }) => name === gate.name);
      plot.show(view.settings.time, withHeld(series, before ? [{ name: "mean", values: before.mean, color: "--neutral" }] : []));
    });
    this.setCaption(view.sentences.gates);
  }

  mark(t) {
    super.mark(t);
    this.view?.gates.slice(0, 4).forEach(({ name, mean }, k) => {
      this.small[k].title.innerHTML = `${gateName(name)} <b>${t === null ? "" : format(mean[t - 1])}</b>`;
    });
  }

  numbers({ gates }) {
    return seriesTable("t", gates.flatMap(({ name, mean, least, most }) => [{ name: `${name}, mean`, values: mean }, { name: `${name}, least`, values: least }, { name: `${name}, greatest`, values: most }]));
  }
}
