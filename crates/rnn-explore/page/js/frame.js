// How the page is shown: all of it, or the parts that an address names; with its head, or within a frame of another page.

class Frame {
  constructor(root) {
    this.root = root;
  }

  /** `keys` holds `show`, `open` and `embed` of the address. */
  apply(keys, groups) {
    document.documentElement.classList.toggle("embed", keys.has("embed"));
    this.show(keys.has("show") ? keys.get("show").split(",") : null, groups);
    for (const id of (keys.get("open") ?? "").split(",")) if (id) this.open(id);
  }

  /** Hides all parts but the named ones; `null` shows all. A part is named by its id, as `gradient` or `weight`. */
  show(names, groups) {
    const names_of = (one) => one.dataset.part.split(" ");
    const parts = [...this.root.querySelectorAll("[data-part]")];
    const wanted = (one) => names === null || names_of(one).some((name) => names.includes(name));
    const kept = parts.filter(wanted);
    for (const one of parts) {
      const off = names !== null && !kept.some((other) => other.contains(one) || one.contains(other));
      one.toggleAttribute("data-off", off);
    }
    for (const group of groups) {
      const shown = group.figures.filter(({ root }) => !root.hasAttribute("data-off"));
      group.root.toggleAttribute("data-off", names !== null && shown.length === 0 && !names.includes(group.id));
      if (names !== null && names.includes(group.id)) for (const { root } of group.figures) root.removeAttribute("data-off");
      if (names !== null && !group.root.hasAttribute("data-off")) group.root.open = true;
    }
    this.root.classList.toggle("partial", names !== null);
    for (const fold of this.root.querySelectorAll("details.fold")) if (names !== null && !fold.hasAttribute("data-off")) fold.open = true;
    const form = this.root.querySelector(".controls");
    form.toggleAttribute("data-off", names !== null && !form.querySelector("[data-part]:not([data-off])"));
  }

  /** Opens a group of charts or a part of the panel, or what a chart of this id is in. */
  open(id) {
    const found = this.root.querySelector(`[data-group="${CSS.escape(id)}"], details.fold[data-part="${CSS.escape(id)}"]`) ?? this.root.querySelector(`[data-chart="${CSS.escape(id)}"]`)?.closest("details.group");
    if (found) found.open = true;
  }

  /** The ids of the groups that are open. */
  get opened() {
    return [...this.root.querySelectorAll("details.group[data-group]")].filter((one) => one.open && !one.hidden).map((one) => one.dataset.group);
  }
}
