// The form. Its names are the keys of the query, its initial values the defaults.

// The order of the keys is that of `Query::write`.
const KEYS = ["c", "a", "w", "b", "n", "t", "l", "i", "g", "f", "o", "task", "s", "k", "y", "j", "m", "q", "r", "z", "p", "e", "x"];

/** Cells with a nonlinearity that one may choose, those with a gate that keeps, by its name, and those without a W_hh. */
const FREE_PHI = ["rnn", "leaky", "indrnn", "residual", "antisymmetric"];
const KEEPING = { lstm: "Forget", peephole: "Forget", coupled: "Forget", minimal: "Forget", minlstm: "Forget", slstm: "Forget", gru: "Update", mingru: "Update", "reset-before": "Update" };
const NO_RECURRENT = ["mingru", "minlstm"];

class Controls {
  constructor(form, extra) {
    this.form = form;
    const all = new Map([...form.querySelectorAll("[name]"), ...extra].map((element) => [element.name, element]));
    this.elements = new Map(KEYS.map((key) => [key, all.get(key)]));
    this.defaults = new Map([...this.elements].map(([key, element]) => [key, key === "j" ? "0" : Controls.first(element)]));
    this.mirrors = new Map([...form.querySelectorAll("[data-mirrors]")].map((element) => [element.dataset.mirrors, element]));
    /** Whether the last timestep is marked, whatever the number of timesteps. */
    this.lastMarked = true;
  }

  static first(element) {
    return element.tagName === "SELECT" ? (element.querySelector("[selected]") ?? element.options[0]).value : element.defaultValue;
  }

  get(key) {
    if (key === "j") return this.lastMarked ? "0" : this.elements.get("j").value;
    // A number field may hold a value between two steps of its slider.
    const box = this.mirrors.get(key);
    return box && Controls.valid(box) ? box.value : this.elements.get(key).value;
  }

  /** Sets a control, except `typing`, the field that the user is typing into: "1." may become "1.5". */
  set(key, value, typing = null) {
    if (key === "j") {
      const slider = this.elements.get("j");
      this.lastMarked = value === "0";
      slider.value = this.lastMarked ? slider.max : value;
      return;
    }
    for (const element of [this.elements.get(key), this.mirrors.get(key)]) {
      if (!element || element === typing) continue;
      if (element.tagName === "SELECT") Controls.offer(element, value);
      // An address may hold what is no number; the program says so.
      if (!["number", "range"].includes(element.type) || value === "" || Number.isFinite(Number(value))) element.value = value;
    }
  }

  /** Adds a number, or a gate, that an address asks for and the list lacks. */
  static offer(select, value) {
    if (select.dataset.open === undefined || [...select.options].some((option) => option.value === value)) return;
    select.add(new Option(value, value));
  }

  /** The query of all values that differ from the defaults, with those of `changes` in place of what the controls say. */
  query(changes = {}) {
    const pairs = new URLSearchParams({ v: "1" });
    for (const [key, first] of this.defaults) {
      const value = changes[key] ?? this.get(key);
      if (value !== first) pairs.append(key, value);
    }
    // Commas and colons need no escapes in a query, and the program writes none.
    return String(pairs);
  }

  /** Sets every control from a query; with `answer`, all but the field that the user is still typing into. */
  show(query, answer = false) {
    const active = document.activeElement;
    const typing = answer && active?.type === "number" ? active : null;
    const pairs = new URLSearchParams(query);
    for (const [key, first] of this.defaults) if (key !== "y" && key !== "j") this.set(key, pairs.get(key) ?? first, typing);
    this.fit();
    for (const key of ["y", "j"]) this.set(key, pairs.get(key) ?? this.defaults.get(key));
  }

  /** Offers as many layers and timesteps as there are, and shows only the controls that have an effect. */
  fit() {
    const layers = Number(this.get("l"));
    const chooser = this.elements.get("y");
    const chosen = chooser.value;
    if (chooser.options.length !== layers + 1) {
      const names = Array.from({ length: layers }, (_, k) => `<option value="${k + 1}">${k + 1}</option>`);
      chooser.innerHTML = `<option value="0" selected>topmost</option>${names.join("")}`;
      chooser.value = Number(chosen) <= layers ? chosen : "0";
    }
    const slider = this.elements.get("j");
    slider.max = this.get("t");
    if (this.lastMarked) slider.value = slider.max;
    const cell = this.get("c");
    const needs = {
      phi: FREE_PHI.includes(cell),
      forget: cell in KEEPING,
      recurrent: !NO_RECURRENT.includes(cell),
      gain: this.get("i") !== "default" && !NO_RECURRENT.includes(cell),
      layers: layers > 1,
      gates: this.elements.get("z").options.length > 1,
    };
    if (cell in KEEPING) this.form.querySelector("[data-forget]").textContent = `${KEEPING[cell]}-gate bias`;
    for (const element of this.form.closest(".explorer").querySelectorAll("[data-needs]")) element.hidden = !needs[element.dataset.needs];
  }

  /** Offers to hold each gate, as [[name, title]], at 0 or 1. */
  offerGates(gates) {
    const select = this.elements.get("z");
    const now = select.value;
    const html = gates.flatMap(([name, title]) => [0, 1].map((at) => `<option value="${name}${at}">${escapeText(title)} at ${at}</option>`));
    const text = `<option value="">at none</option>${html.join("")}`;
    if (text === this.gatesText) return;
    select.innerHTML = this.gatesText = text;
    Controls.offer(select, now);
    select.value = now;
    this.fit();
  }

  /**
   * Calls `change` whenever a control moves, with whether the move is over, while a slider is dragged it is not, and the key of
   * the control. Numbers out of range are brought into it.
   */
  onChange(change) {
    const listen = (done) => ({ target }) => {
      const key = target.dataset.mirrors ?? target.name;
      if (!key || !this.elements.has(key)) return;
      // An empty forget bias means the value that was drawn.
      const drawn = key === "f" && target.value === "";
      if (target.type === "number" && !drawn && !Controls.valid(target)) {
        if (!done) return;
        target.value = Controls.nearest(target);
      }
      if (key === "j") this.lastMarked = target.value === target.max;
      else this.set(key, target.value, done ? null : target);
      // What another cell or another sequence does not have is given up.
      if (key === "c") this.set("z", "");
      if (["t", "task", "s"].includes(key)) this.set("x", "");
      this.fit();
      change(done, key);
    };
    for (const root of [this.form, this.elements.get("j"), this.elements.get("y")]) {
      root.addEventListener("input", listen(false));
      root.addEventListener("change", listen(true));
    }
    this.form.addEventListener("submit", (event) => event.preventDefault());
  }

  static valid({ value, min, max, step, validity }) {
    const number = Number(value);
    const whole = Number(step) >= 1 && Number.isInteger(Number(step)) ? Number.isInteger(number) : true;
    return value !== "" && !validity.badInput && Number.isFinite(number) && number >= Number(min) && number <= Number(max) && whole;
  }

  static nearest(element) {
    const number = Number.parseFloat(element.value);
    if (!Number.isFinite(number)) return element.name === "f" ? "" : element.defaultValue;
    const held = Math.min(Math.max(number, Number(element.min)), Number(element.max));
    return String(Number(element.step) % 1 === 0 ? Math.round(held) : held);
  }

  /** The name of the control of a key and the title of a value, as the page shows them. */
  title(key, value) {
    const element = this.elements.get(key);
    const label = element.labels?.[0]?.textContent.replace(/\s+/g, " ").trim();
    const names = { k: "Training steps", x: "Changed inputs", j: "Timestep marked", y: "Layer shown" };
    const option = element.tagName === "SELECT" ? [...element.options].find((option) => option.value === value)?.textContent : undefined;
    const empty = { f: "as drawn", x: "none", z: "none" };
    return [names[key] ?? label ?? key, option ?? (value === "" ? (empty[key] ?? "none") : value)];
  }
}
