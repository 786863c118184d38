// Lessons: the reader predicts, then sees.

class Lessons {
  constructor(root) {
    this.root = root;
    this.explorer = root.explorer;
    this.place = root.querySelector("[data-lessons]");
    const data = (id) => JSON.parse(document.getElementById(id).textContent);
    this.all = data("explorer-lessons");
    this.terms = new Terms(root, data("explorer-glossary"));
    /** What the reader has answered, by lesson: { choice }, { curve } or { skipped }. The page alone remembers it. */
    this.answers = new Map();
    this.lesson = null;
    this.build(data("explorer-confusions"));
    this.explorer.address.onMove(() => this.follow());
    root.addEventListener("explorer:drawn", () => this.overlay());
    this.follow();
  }

  build(confusions) {
    const options = this.all.map(({ id, title }, k) => `<option value="${id}">${k + 1}. ${escapeText(title)}</option>`);
    const believed = confusions.map(({ belief, answer }) => `<li><p class="belief">“${mathHtml(belief)}”</p><p>${this.html(answer)}</p></li>`);
    this.place.innerHTML = `<div class="lesson-bar">
        <h2 id="x-lessons-title">Lessons</h2>
        <label for="x-lesson" class="unseen">Lesson</label>
        <select id="x-lesson"><option value="">Predict first, then see: choose a question …</option>${options.join("")}</select>
        <button type="button" data-teach="previous">Previous</button>
        <button type="button" data-teach="next">Next</button>
        <button type="button" data-teach="leave">Leave</button>
      </div>
      <div class="lesson-body" data-lesson-body></div>
      <div class="lesson-more">
        <details class="confusions"><summary>Confusions</summary><ol>${believed.join("")}</ol></details>
        <details><summary>Glossary</summary>${this.terms.listHtml()}</details>
      </div>`;
    this.body = this.place.querySelector("[data-lesson-body]");
    this.chooser = this.place.querySelector("#x-lesson");
    this.chooser.addEventListener("change", () => this.open(this.chooser.value || null));
    this.place.addEventListener("click", (event) => {
      const { target } = event;
      const link = target.closest("[data-go]");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        this.go(link.dataset.go);
      }
      const act = target.closest("[data-teach]")?.dataset.teach;
      if (act) this[act]();
    });
    this.place.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer();
    });
    this.place.hidden = false;
  }

  /** HTML of a text: words, links that set the controls, and terms. */
  html(pieces) {
    const piece = ({ text, link, query, term, entry }) => {
      if (text !== undefined) return mathHtml(text);
      if (term !== undefined) return termHtml(term, entry);
      return `<a href="${escapeText(this.explorer.address.of(`v=1&${query}`, null))}" data-go="${escapeText(query)}">${mathHtml(link)}</a>`;
    };
    return pieces.map(piece).join("");
  }

  paragraphs(texts) {
    return texts.map((text) => `<p>${this.html(text)}</p>`).join("");
  }

  /** Sets the controls. */
  go(query) {
    this.explorer.go(query);
  }

  /** Opens a lesson by its name, with its settings; null leaves. */
  open(id, { keep = false } = {}) {
    this.lesson = this.all.find((lesson) => lesson.id === id) ?? null;
    this.explorer.address.lesson = this.lesson?.id ?? null;
    this.chooser.value = this.lesson?.id ?? "";
    this.render();
    if (this.lesson && !keep) this.go(this.lesson.query);
    else if (!keep) this.explorer.changed(true);
  }

  /** The lesson of the address. Settings beside it are those of a link in the lesson, and stay. */
  follow() {
    const { lesson, query } = this.explorer.address.read();
    const known = this.all.some(({ id }) => id === lesson);
    if (known || this.lesson) this.open(known ? lesson : null, { keep: !known || new URLSearchParams(query).size > 1 });
  }

  get index() {
    return this.all.indexOf(this.lesson);
  }

  previous() {
    this.open(this.all[this.index - 1].id);
  }

  next() {
    this.open(this.all[this.index + 1].id);
  }

  leave() {
    this.open(null);
    this.chooser.focus();
  }

  get given() {
    return this.lesson ? this.answers.get(this.lesson.id) : undefined;
  }

  render() {
    const { lesson, given } = this;
    this.curve = null;
    // The charts would tell.
    this.root.toggleAttribute("data-teaching", lesson !== null);
    this.root.toggleAttribute("data-predicting", lesson !== null && !given);
    const act = (name) => this.place.querySelector(`[data-teach=${name}]`);
    act("previous").disabled = this.index <= 0;
    act("next").disabled = this.index + 1 === this.all.length;
    act("leave").hidden = lesson === null;
    if (!lesson) {
      this.body.innerHTML = "";
      return;
    }
    const ask = lesson.prediction.choice ? this.choiceHtml() : "<div data-drawing></div>";
    const buttons = given ? "" : '<p class="buttons"><button type="submit">That is my prediction</button><button type="button" data-teach="skip">Skip: show me</button></p><p class="hint">The charts are covered until you have answered.</p>';
    this.body.innerHTML = `<h3>${escapeText(lesson.title)}</h3><div class="asked">${this.paragraphs(lesson.question)}</div><form class="prediction" autocomplete="off">${ask}${buttons}<p class="hint" role="alert" data-lack></p></form><div data-after></div>`;
    if (lesson.prediction.curve) this.buildCurve();
    if (given) this.showAfter();
  }

  choiceHtml() {
    const { options, right } = this.lesson.prediction.choice;
    const { given } = this;
    const option = (text, k) => {
      const mark = !given ? "" : k === right ? ' <b class="right">✓ so it is</b>' : k === given.choice ? ' <b class="wrong">✗ your prediction</b>' : "";
      return `<li><label><input type="radio" name="prediction" value="${k}"${given?.choice === k ? " checked" : ""}${given ? " disabled" : ""}> <span>${this.html(text)}${mark}</span></label></li>`;
    };
    return `<fieldset><legend>Your prediction</legend><ul class="options">${options.map(option).join("")}</ul></fieldset>`;
  }

  /** The plot to draw on, and sliders that draw as well. */
  buildCurve() {
    const { least, most } = this.lesson.prediction.curve;
    const time = Number(new URLSearchParams(this.lesson.query).get("t") ?? this.explorer.controls.defaults.get("t"));
    const place = this.body.querySelector("[data-drawing]");
    const at = [1, Math.round(time / 3), Math.round((2 * time) / 3)];
    const sliders = at.map((t) => `<label>timestep ${t} <input type="range" data-at="${t}" min="${least}" max="${most}" step="0.5" value="0"> <output></output></label>`);
    place.innerHTML = `<p class="hint">${mathHtml(`Draw ‖dL_T/dh_t‖ as a share of ‖dL_T/dh_T‖, or set it with the sliders. At timestep ${time} it is 1.`)}</p><ul class="legend"></ul><div class="sliders">${sliders.join("")}</div>`;
    const inputs = [...place.querySelectorAll("input")];
    const say = () => {
      for (const input of inputs) {
        const power = this.curve.powers[input.dataset.at - 1];
        input.value = power;
        input.nextElementSibling.innerHTML = format(10 ** power);
        input.setAttribute("aria-valuetext", format(10 ** power));
      }
    };
    const changed = () => {
      this.touched = true;
      say();
    };
    this.touched = false;
    this.curve = new DrawnCurve({ count: time, least, most, drawn: this.given?.curve, changed });
    place.insertBefore(this.curve.root, place.querySelector(".sliders"));
    for (const input of inputs) {
      input.disabled = this.given !== undefined;
      input.addEventListener("input", () => {
        this.touched = true;
        this.curve.through(inputs.map((one) => [Number(one.dataset.at), Number(one.value)]));
        say();
      });
    }
    say();
    this.legend();
  }

  legend() {
    const list = this.body.querySelector(".legend");
    list.innerHTML = this.curve.series.map((one) => `<li>${swatch(one)}<span>${one.name}</span></li>`).join("");
  }

  answer() {
    const { lesson } = this;
    const chosen = this.body.querySelector("[name=prediction]:checked");
    const lacking = lesson.prediction.choice ? !chosen : !this.touched;
    if (lacking) {
      this.body.querySelector("[data-lack]").textContent = lesson.prediction.choice ? "Choose one of them first." : "Draw a curve first.";
      return;
    }
    this.finish(chosen ? { choice: Number(chosen.value) } : { curve: this.curve.powers });
  }

  skip() {
    this.finish({ skipped: true });
  }

  finish(answer) {
    this.answers.set(this.lesson.id, answer);
    this.render();
    // What is compared are the settings that the question is about.
    this.go(this.lesson.query);
    this.body.querySelector("[data-verdict]").focus();
  }

  showAfter() {
    const { lesson, given } = this;
    const right = lesson.prediction.choice?.right;
    const verdict = given.choice === undefined ? "" : given.choice === right ? "Right. " : "Not so. ";
    const { table } = lesson;
    const row = ([name, ...cells]) => `<tr><th scope="row">${mathHtml(name)}</th>${cells.map((cell) => `<td>${mathHtml(cell)}</td>`).join("")}</tr>`;
    const tableHtml = table
      ? `<table><caption>${mathHtml(table.caption)}</caption><thead><tr>${table.header.map((name) => `<th scope="col">${mathHtml(name)}</th>`).join("")}</tr></thead><tbody>${table.rows.map(row).join("")}</tbody></table>`
      : "";
    const tries = lesson.tries.length > 0 ? `<h4>What to try</h4><ul>${lesson.tries.map((text) => `<li>${this.html(text)}</li>`).join("")}</ul>` : "";
    const references = lesson.references.length > 0 ? `<h4>References</h4><ul class="hint">${lesson.references.map((text) => `<li>${mathHtml(text)}</li>`).join("")}</ul>` : "";
    this.body.querySelector("[data-after]").innerHTML = `<p class="verdict" data-verdict tabindex="-1">${verdict}${this.html(lesson.reveal)}</p><p data-drawn-verdict></p>${this.paragraphs(lesson.explanation)}${tableHtml}${tries}${references}<p><a href="${escapeText(this.explorer.address.of(`v=1&${lesson.query}`, null))}" data-go="${escapeText(lesson.query)}">Back to the settings of the question</a></p>`;
    this.overlay();
  }

  /** Lays the network's curve over the drawn one, once the view of the question is there. */
  overlay() {
    const { lesson, given, curve } = this;
    const view = this.explorer.view;
    if (!curve || !curve.open || !given || view?.query !== `v=1&${lesson.query}`) return;
    const row = view.reach.norms[view.reach.norms.length - 1];
    if (!row) return;
    const truth = row.map((norm) => norm / row[row.length - 1]);
    curve.reveal(truth);
    this.legend();
    if (given.curve) this.body.querySelector("[data-drawn-verdict]").textContent = `At timestep 1 you drew ${format(10 ** given.curve[0])}; the network has ${format(truth[0])}.`;
  }
}

if (document.getElementById("explorer-lessons")) new Lessons(document.querySelector(".explorer"));
