// Terms that the glossary explains, a hover, a focus or a tap away.

/** h_t, h_{t−1} and w^{3−t}, in HTML. */
const mathHtml = (text) =>
  unbroken(escapeText(text))
    .replace(/(?<![A-Za-z_])(d?[A-Za-z])_(?:\{([^}]*)\}|([A-Za-z0-9]+))(?!_)/g, (_, name, long, short) => `${name}<sub>${long ?? short}</sub>`)
    .replace(/\^\{([^}]*)\}/g, "<sup>$1</sup>");

class Terms {
  constructor(root, glossary) {
    this.root = root;
    this.entries = new Map(glossary);
    this.bubble = document.createElement("div");
    this.bubble.className = "bubble";
    this.bubble.setAttribute("role", "tooltip");
    this.bubble.hidden = true;
    root.append(this.bubble);
    this.shown = null;
    const term = (event) => event.target.closest?.("[data-term]");
    const on = (type, act) => root.addEventListener(type, act);
    on("pointerover", (event) => (term(event) ? this.show(term(event)) : event.target.closest?.(".bubble") ? this.stay() : undefined));
    on("pointerout", (event) => {
      if (event.pointerType === "mouse" && (term(event) || event.target.closest?.(".bubble"))) this.hideSoon();
    });
    on("focusin", (event) => (term(event) ? this.show(term(event)) : this.hide()));
    on("focusout", (event) => term(event) && this.hideSoon());
    on("click", (event) => term(event) && this.show(term(event)));
    document.addEventListener("pointerdown", (event) => !term(event) && !event.target.closest?.(".bubble") && this.hide());
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.hide());
    addEventListener("scroll", () => this.hide(), { passive: true, capture: true });
  }

  show(term) {
    this.stay();
    if (this.shown === term) return;
    this.shown = term;
    const text = this.entries.get(term.dataset.term);
    if (text === undefined) return;
    const name = document.createElement("b");
    name.innerHTML = mathHtml(term.dataset.term);
    this.bubble.innerHTML = ` ${mathHtml(text)}`;
    this.bubble.prepend(name);
    this.bubble.hidden = false;
    const at = term.getBoundingClientRect();
    const { width, height } = this.bubble.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
    const below = at.bottom + 4 + height < innerHeight;
    Object.assign(this.bubble.style, { left: `${left}px`, top: `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px` });
  }

  stay() {
    clearTimeout(this.leaving);
  }

  /** Leaves the time to move the pointer to the bubble. */
  hideSoon() {
    this.stay();
    this.leaving = setTimeout(() => this.hide(), 250);
  }

  hide() {
    this.stay();
    this.shown = null;
    this.bubble.hidden = true;
  }

  /** The glossary as a list. The buttons of terms refer to its entries, so that a screen reader says them. */
  listHtml() {
    const entries = [...this.entries].map(([term, text]) => `<div><dt>${mathHtml(term)}</dt><dd id="${Terms.id(term)}">${mathHtml(text)}</dd></div>`);
    return `<dl class="glossary">${entries.join("")}</dl>`;
  }

  static id(term) {
    return `x-term-${term.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  }
}

/** A term as a button. */
const termHtml = (words, entry) => `<button type="button" class="term" data-term="${escapeText(entry)}" aria-describedby="${Terms.id(entry)}">${mathHtml(words)}</button>`;
