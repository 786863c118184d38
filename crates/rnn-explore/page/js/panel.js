// What the page says beside its charts: facts, the state of training, marks below the slider, A.

class Panel {
  constructor(explorer) {
    this.explorer = explorer;
    this.find = explorer.find;
  }

  show() {
    this.facts();
    this.controls();
    this.compared();
    this.clipping();
  }

  /** The numbers that the notebook prints, with those of A. */
  facts() {
    const { view, held } = this.explorer;
    const facts = (view) => {
      const { gradient, hidden, ratio, rate, predicted } = view.layers[view.layer];
      const [first, last] = [gradient[0], gradient[gradient.length - 1]];
      const lossOf = view.settings.loss === "all" ? "dL_T" : "dL";
      return [
        ["Largest eigenvalue magnitude of W_hh", predicted?.radius],
        ["Loss", view.loss],
        ["‖h_T‖", hidden[hidden.length - 1]],
        ["‖dL/dh_1‖", first],
        ["‖dL/dh_T‖", last],
        [`‖${lossOf}/dh_1‖ over ‖${lossOf}/dh_T‖`, ratio],
        ["Mean factor per step back", rate],
      ];
    };
    // An LSTM and a GRU have no single W_hh.
    const before = held ? facts(held) : [];
    const all = facts(view).map((fact, k) => [...fact, k]);
    const html = all.filter(([, value, k]) => value !== undefined || before[k]?.[1] !== undefined).map(([name, value, k]) => `<div><dt>${subscriptedHtml(name)}</dt><dd>${format(value)}${held ? ` <small>A: ${format(before[k][1])}</small>` : ""}</dd></div>`);
    this.find("[data-facts]").innerHTML = html.join("");
  }

  controls() {
    const { view, held, presets, root } = this.explorer;
    for (const name of ["swap", "drop"]) this.find(`[data-do=${name}]`).disabled = !held;
    const at = presets.findIndex(({ query }) => query === view.query);
    for (const [k, button] of [...root.querySelectorAll("[data-preset]")].entries()) button.setAttribute("aria-pressed", String(k === at));
    this.find("[data-lesson]").innerHTML = subscriptedHtml(presets[at]?.lesson ?? "");
    this.find("[data-do=torch]").hidden = !view.torch;
    this.explorer.controls.offerGates(view.gates.filter(isShare).map(({ name }) => [name, gateName(name)]));
    this.critical(view.critical_scale ?? undefined);
    this.training();
  }

  /** How far training is, and the steps that are saved. */
  training() {
    const { view, trainer, mostSteps } = this.explorer;
    const { trained } = view.settings;
    const taken = view.training.losses.length;
    const overflow = view.training.overflow ? `Training ended at step ${taken + 1}: the first number out of range is in ${view.training.overflow}.` : "";
    const state = trainer.running
      ? `Training: ${taken} of ${trainer.target} steps …`
      : overflow || (taken === 0 ? "Untrained." : `${counted(taken, "step")} of training. The sliders scale what was learned.`);
    this.find("[data-trained]").innerHTML = subscriptedHtml(state);
    this.find("[data-do=untrain]").disabled = trained === 0 && !trainer.running;
    this.find("[data-do=stop]").disabled = !trainer.running && trainer.paused === null;
    const play = this.find("[data-do=play]");
    play.disabled = !trainer.running && (trained >= mostSteps || overflow !== "");
    play.textContent = trainer.running ? "Pause" : "Play";
    for (const button of this.explorer.root.querySelectorAll("[data-train]")) button.disabled = trained >= mostSteps || overflow !== "";
    this.saved(trained);
  }

  saved(trained) {
    const { steps } = this.explorer.trainer.course;
    const slider = this.find("#x-scrub");
    this.find("[data-scrub]").hidden = steps.length < 2;
    slider.max = String(Math.max(0, steps.length - 1));
    const at = steps.reduce((best, step, k) => (Math.abs(step - trained) < Math.abs(steps[best] - trained) ? k : best), 0);
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", `step ${steps[at] ?? 0}`);
    this.find("[data-scrubbed]").textContent = String(steps[at] ?? 0);
  }

  /** The weight scales at which the spectral radius is 1, under the slider. */
  critical(scale) {
    const { min, max } = this.explorer.controls.elements.get("w");
    const [low, high] = [Number(min), Number(max)];
    const shown = scale <= high ? [-scale, scale] : [];
    const at = (s) => (s - low) / (high - low);
    // The thumb of a slider is 16 pixels wide: its middle stays 8 pixels from either end.
    this.find("[data-marks]").innerHTML = shown.map((s) => `<i style="left:calc(8px + ${at(s).toFixed(4)} * (100% - 16px))"></i>`).join("");
    this.find("[data-critical]").textContent = scale === undefined ? "" : shown.length > 0 ? `The spectral radius is 1 at ±${format(scale)}.` : `The spectral radius is 1 at a scale of ${format(scale)}, beyond the slider.`;
  }

  /** What differs between A and now, and by how much the gradient fares better or worse. */
  compared() {
    const { view, held, controls } = this.explorer;
    const place = this.find("[data-compared]");
    place.hidden = !held;
    if (!held) {
      this.find("[data-held]").textContent = "Hold what you see as A, then change anything.";
      return;
    }
    const all = differences(view.query, held.query, controls);
    const names = sayDifferences(all);
    place.innerHTML = subscriptedHtml(all.length === 0 ? names : `${names} ${sayComparison(view, held)}`);
    this.find("[data-held]").innerHTML = subscriptedHtml(`A is held; it is dotted in the charts. ${names}`);
  }

  /** What a held gate, clipping and truncation do to the gradient of the sequence that is shown. */
  clipping() {
    const { sentences } = this.explorer.view;
    this.find("[data-clamp]").innerHTML = subscriptedHtml(sentences.clamp ?? "");
    const said = [sentences.clipping, sentences.truncation].filter(Boolean).join(" ");
    this.find("[data-clipping]").innerHTML = subscriptedHtml(said);
  }
}
