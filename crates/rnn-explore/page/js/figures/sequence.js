// The sequence over the unrolled network: input, states and prediction on the time axis of the gradient, with arrows as thick as
// the gradient, and samples of the input that one drags.

/** The rows of the strip from top to bottom: their places, in pixels. */
const ROWS = { output: [4, 52], network: [66, 96], input: [112, 160], arriving: [168, 190] };

/** The width of the arrow of the largest gradient. */
const THICKEST = 13;

class SequencePlot extends Plot {
  constructor() {
    super({ height: 196, xLabel: "", yLabel: "", margin: STAGE_MARGIN, description: "The input, the target and the prediction by timestep, over the unrolled network; the arrows are as thick as the gradient" });
    this.resized = () => this.redraw();
  }

  show(view) {
    this.view = view;
    const { inputs, editable } = view.sequence ?? {};
    if (inputs) this.inputs = this.row(ROWS.input, [...inputs, editable === null ? [] : [-1, 1]]);
    this.redraw();
  }

  redraw() {
    if (!this.view || this.width === 0) return;
    const { sequence, settings } = this.view;
    this.height = this.wantedHeight;
    this.margin = this.fixed;
    const x = countAxis(settings.time);
    const [left, right] = [this.margin.left, this.width - this.margin.right];
    const px = (t) => left + (right - left) * x.position(t);
    Object.assign(this, { x, area: { left, width: right - left, top: ROWS.output[0], height: ROWS.arriving[1] - ROWS.output[0], px } });
    const label = (name, at) => `<text class="label" x="${left - 8}" y="${at}" dy=".35em" text-anchor="end">${subscripted(name)}</text>`;
    const middle = ([top, bottom]) => (top + bottom) / 2;
    const parts = [label("state h_t", middle(ROWS.network)), this.network(px)];
    if (sequence) {
      parts.push(this.output(px), this.input(px), this.arriving(px));
      parts.push(label(sequence.classes ? "P(class)" : "output", middle(ROWS.output)), label("input x_t", middle(ROWS.input)));
      if (sequence.input_gradient?.length) parts.push(label("‖dL/dx_t‖", middle(ROWS.arriving)));
    }
    this.put([...parts, `<path class="mark"/>`]);
  }

  /** A scale of values on a row. */
  row([top, bottom], arrays) {
    let [low, high] = extent([...arrays, [0]]);
    if (!(high > low)) [low, high] = [-1, 1];
    return { low, high, y: (value) => bottom - ((value - low) / (high - low)) * (bottom - top) };
  }

  /** Targets, and predictions as crosses joined by a dashed line; of classes the probability of the right one. */
  output(px) {
    const { targets, predictions, counted: counts, classes } = this.view.sequence;
    const lines = classes ? [] : targets;
    const guesses = classes ? [classes.probability] : predictions;
    const row = this.row(ROWS.output, [...lines, ...guesses, ...(classes ? [[1]] : [])]);
    const frame = { px, py: row.y };
    const zero = `<path class="grid" d="M${px(0.5)} ${row.y(0).toFixed(1)}H${px(this.view.settings.time + 0.5)}"/>`;
    const target = lines.map((values, k) => this.line(values, frame, `--c${(k % 4) + 1}`, "", "target"));
    const guess = guesses.map((values, k) => this.line(values, frame, classes ? "--c1" : `--c${(k % 4) + 1}`, "3 2.5", "prediction"));
    const dots = guesses.flatMap((values, k) =>
      values.map((value, t) => (counts?.[t] && value !== null ? `<circle class="counted" cx="${px(t + 1).toFixed(1)}" cy="${row.y(value).toFixed(1)}" r="${Math.min(3, (px(2) - px(1)) / 2.6).toFixed(1)}" style="fill:var(--c${classes ? 1 : (k % 4) + 1})"/>` : "")),
    );
    return zero + target.join("") + guess.join("") + dots.join("");
  }

  line(values, frame, color, dash, name) {
    const dots = lonely(values).map((k) => `<circle cx="${frame.px(k + 1).toFixed(1)}" cy="${frame.py(values[k]).toFixed(1)}" r="2.4" style="fill:var(${color})"/>`);
    return `<path class="line ${name}" style="stroke:var(${color});stroke-dasharray:${dash}" d="${linePath(values, frame)}"/>${dots.join("")}`;
  }

  /** The gradients that the arrows carry, each over t: between states, from the outputs, and to the inputs. */
  flows() {
    const { layers, layer, reach, sequence } = this.view;
    const own = reach.norms.map((row) => row[row.length - 1]);
    return { state: layers[layer].gradient, output: own, input: sequence?.input_gradient ?? [] };
  }

  network(px) {
    const { time } = this.view.settings;
    const { state, output, input } = this.flows();
    const [, largest] = extent([state, output, input]);
    const wide = (value) => (value > 0 && Number.isFinite(value) && largest > 0 ? Math.max(0.4, (THICKEST * value) / largest) : 0);
    const [top, bottom] = ROWS.network;
    const y = (top + bottom) / 2;
    const gap = time > 1 ? px(2) - px(1) : 100;
    const radius = Math.min(6, gap / 3);
    // Time runs to the right, the gradient to the left: the arrow between t − 1 and t is as thick as the gradient of h_{t−1}.
    let back = "";
    for (let t = 2; t <= time; t += 1) {
      const [from, to, w] = [px(t), px(t - 1), wide(state[t - 2])];
      if (w === 0) continue;
      const v = wide(state[t - 1]) || w;
      back += `M${from.toFixed(1)} ${(y - v / 2).toFixed(2)}L${to.toFixed(1)} ${(y - w / 2).toFixed(2)}v${w.toFixed(2)}L${from.toFixed(1)} ${(y + v / 2).toFixed(2)}Z`;
    }
    const vertical = (values, from, to, name) =>
      values.map((value, t) => (wide(value) > 0 ? `<path class="flow ${name}" style="stroke-width:${Math.min(wide(value), 0.7 * gap).toFixed(2)}" d="M${px(t + 1).toFixed(1)} ${from}V${to}"/>` : "")).join("");
    const nodes = gap < 7 ? "" : state.map((_, t) => `<circle class="state" cx="${px(t + 1).toFixed(1)}" cy="${y}" r="${radius.toFixed(1)}"/>`).join("");
    const heads = gap < 22 ? "" : state.slice(0, -1).map((_, t) => `<path class="tip" d="M${(px(t + 1) + radius + 1).toFixed(1)} ${y}l5 -4v8Z"/>`).join("");
    const line = `<path class="axis" d="M${px(1).toFixed(1)} ${y}H${px(time).toFixed(1)}"/>`;
    return `${line}<path class="flow back" d="${back}"/>${vertical(output, ROWS.output[1] + 4, y, "out")}${vertical(input, y, ROWS.input[0] - 5, "in")}${nodes}${heads}`;
  }

  /** The features of the input; the one that may be changed as dots to be dragged. */
  input(px) {
    const { inputs, editable } = this.view.sequence;
    const frame = { px, py: this.inputs.y };
    const zero = `<path class="grid" d="M${px(0.5)} ${this.inputs.y(0).toFixed(1)}H${px(this.view.settings.time + 0.5)}"/>`;
    const lines = inputs.length > 5 ? this.symbols(px) : inputs.map((values, k) => this.line(values, frame, `--c${(k % 4) + 1}`, DASHES[k % 4], "input")).join("");
    const edited = new Map(this.edits ?? []);
    const radius = Math.max(1.6, Math.min(4.5, (px(2) - px(1)) / 3));
    const dots = editable === null ? "" : inputs[editable].map((value, t) => (value === null ? "" : `<circle class="sample${edited.has(t + 1) ? " edited" : ""}" cx="${px(t + 1).toFixed(1)}" cy="${this.inputs.y(value).toFixed(1)}" r="${radius.toFixed(1)}"/>`)).join("");
    const [left, right] = [px(0.5), px(this.view.settings.time + 0.5)];
    const hit = editable === null ? "" : `<rect class="hit" x="${left}" y="${ROWS.input[0] - 9}" width="${right - left}" height="${ROWS.input[1] - ROWS.input[0] + 15}"/>`;
    return zero + lines + hit + dots;
  }

  /** Inputs that stand for symbols: a dot on the line of each one that is on. */
  symbols(px) {
    const { inputs } = this.view.sequence;
    const [top, bottom] = ROWS.input;
    const at = (k) => top + ((k + 0.5) * (bottom - top)) / inputs.length;
    return inputs.map((values, k) => values.map((value, t) => (value > 0 ? `<circle cx="${px(t + 1).toFixed(1)}" cy="${at(k).toFixed(1)}" r="2.2" style="fill:var(--c${(k % 4) + 1})"/>` : "")).join("")).join("");
  }

  /** ‖dL/dx_t‖ as bars. */
  arriving(px) {
    const values = this.view.sequence.input_gradient ?? [];
    const [, largest] = extent([values]);
    if (!(largest > 0)) return "";
    const [top, bottom] = ROWS.arriving;
    const wide = Math.max(1, 0.7 * (px(2) - px(1)));
    const bars = values.map((value, t) => (value > 0 ? `M${(px(t + 1) - wide / 2).toFixed(1)} ${bottom}h${wide.toFixed(1)}v${((-value / largest) * (bottom - top)).toFixed(2)}h${(-wide).toFixed(1)}Z` : ""));
    return `<path class="bars" style="fill:var(--c2)" d="${bars.join("")}"/><path class="axis" d="M${px(0.5).toFixed(1)} ${bottom}H${px(this.view.settings.time + 0.5).toFixed(1)}"/>`;
  }

  /** The value of the input at the height of a pointer. */
  value(event) {
    const [top, bottom] = ROWS.input;
    const { low, high } = this.inputs;
    const share = (bottom - this.point(event).y) / (bottom - top);
    return Math.min(high, Math.max(low, low + share * (high - low)));
  }

  /** Whether a pointer is on the row of the input. */
  onInput(event) {
    const { y } = this.point(event);
    return y >= ROWS.input[0] - 9 && y <= ROWS.input[1] + 6;
  }
}

class SequenceFigure extends ChartFigure {
  constructor() {
    super("sequence", "The sequence and its gradient");
    this.overTime = true;
    this.plot = this.add(new SequencePlot());
    this.body.insertAdjacentHTML("beforeend", `<div class="sample-control" hidden><label for="x-sample">Input at timestep <output data-sample-at>1</output></label><input id="x-sample" type="range" step="0.01" min="-1" max="1" value="0"><button type="button" data-reset hidden>Reset the input</button></div>`);
    this.sampler = this.body.querySelector(".sample-control");
    this.slider = this.body.querySelector("#x-sample");
    this.reset = this.body.querySelector("[data-reset]");
  }

  draw(view) {
    this.plot.edits = parseEdits(new URLSearchParams(view.query).get("x") ?? "");
    this.plot.show(view);
    const editable = view.sequence?.editable ?? null;
    this.sampler.hidden = editable === null;
    this.plot.root.classList.toggle("draggable", editable !== null);
    if (editable !== null) {
      const { low, high } = this.plot.inputs;
      // A slider counts its steps from the least value, and a sample has hundredths.
      Object.assign(this.slider, { min: Math.floor(100 * low) / 100, max: Math.ceil(100 * high) / 100 });
    }
    this.reset.hidden = this.plot.edits.length === 0;
    this.mark(this.marked ?? view.settings.time);
    this.setLegend(SequenceFigure.series(view));
    this.setCaption(view.sentences.sequence ?? "");
  }

  static series({ sequence }) {
    if (!sequence) return [];
    const { inputs, targets, predictions, input_gradient, classes } = sequence;
    const of = (k, all) => (all.length === 1 ? "" : ` ${k + 1}`);
    const outputs = classes
      ? [{ name: "probability of the right class", values: classes.probability, color: "--c1", dash: "3 2.5" }]
      : [
          ...targets.slice(0, 1).map((values, k) => ({ name: `target y_t${of(k, targets)}`, values, color: "--c1" })),
          ...predictions.slice(0, 1).map((values, k) => ({ name: `prediction${of(k, predictions)}`, values, color: "--c1", dash: "3 2.5" })),
        ];
    const shown = inputs.length > 5 ? [] : inputs.slice(0, 2).map((values, k) => ({ name: `input x_t${of(k, inputs)}`, values, color: COLORS[k], shape: "dot" }));
    return [...outputs, ...shown, ...(input_gradient?.length ? [{ name: "‖dL/dx_t‖", values: input_gradient, color: "--c2", shape: "bar" }] : [])];
  }

  mark(t) {
    super.mark(t);
    this.marked = t;
    const sequence = this.view?.sequence;
    if (!sequence || (sequence.editable ?? null) === null || t === null) return;
    this.body.querySelector("[data-sample-at]").textContent = String(t);
    if (document.activeElement !== this.slider || !this.moving) this.slider.value = String(sequence.inputs[sequence.editable][t - 1] ?? 0);
  }

  /** Calls `edit(t, value, done)` while a sample is moved, and `reset()` for the sequence as it was drawn. */
  onEdit(edit, reset) {
    let at = null;
    const root = this.plot.root;
    root.addEventListener("pointerdown", (event) => {
      if ((this.view?.sequence?.editable ?? null) === null || !this.plot.onInput(event)) return;
      at = this.plot.timestep(event);
      if (at === null) return;
      event.preventDefault();
      root.setPointerCapture(event.pointerId);
      edit(at, this.plot.value(event), false);
    });
    root.addEventListener("pointermove", (event) => at !== null && edit(at, this.plot.value(event), false));
    const end = (event) => {
      if (at === null) return;
      const t = at;
      at = null;
      edit(t, this.plot.value(event), true);
    };
    root.addEventListener("pointerup", end);
    root.addEventListener("pointercancel", end);
    const move = (done) => () => {
      this.moving = !done;
      edit(this.marked, Number(this.slider.value), done);
    };
    this.slider.addEventListener("input", move(false));
    this.slider.addEventListener("change", move(true));
    this.reset.addEventListener("click", reset);
  }

  numbers(view) {
    const { sequence } = view;
    if (!sequence) return { head: [], rows: [] };
    const { inputs, targets, predictions, input_gradient } = sequence;
    const all = (rows, name) => rows.map((values, k) => ({ name: rows.length === 1 ? name : `${name} ${k + 1}`, values }));
    const classes = sequence.classes ? [{ name: "probability of the right class", values: sequence.classes.probability }] : [];
    return seriesTable("t", [...all(inputs, "x_t"), ...all(targets, "y_t"), ...all(predictions, "prediction"), ...classes, { name: "‖dL/dx_t‖", values: input_gradient ?? [] }]);
  }
}
