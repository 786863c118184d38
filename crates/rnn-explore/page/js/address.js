// The state in the address: the query on a page of its own, the fragment in a report.

/** Encodes a query for use as a value in another: `c=lstm&w=-2` becomes `c-lstm_w--2`, which needs no escapes. */
const fold = (query) => query.replaceAll("=", "-").replaceAll("&", "_");

const unfold = (text) =>
  text
    .split("_")
    .map((pair) => pair.replace("-", "="))
    .join("&");

/** Keys that say how the page is shown, and not what. */
const FRAME = ["show", "open", "embed"];

class Address {
  constructor(ownPage) {
    this.ownPage = ownPage;
    /** The frame's keys, as they came. */
    this.frame = new URLSearchParams();
    /** The lesson that is open, which every address then names. */
    this.lesson = null;
  }

  /** { query, held, lesson, frame }: the settings, those of A if there is one, the name of a lesson, and how the page is shown. */
  read() {
    const own = this.ownPage || document.documentElement.classList.contains("explore");
    const text = !this.ownPage && location.hash.startsWith("#explore?") ? location.hash.slice(9) : own ? location.search.slice(1) : "";
    const parts = Address.split(text);
    this.frame = parts.frame;
    return parts;
  }

  /** The parts of an address. */
  static split(text) {
    const pairs = new URLSearchParams(text);
    const held = pairs.get("hold");
    const frame = new URLSearchParams();
    for (const key of FRAME) {
      if (pairs.has(key)) frame.set(key, pairs.get(key));
      pairs.delete(key);
    }
    const lesson = pairs.get("lesson");
    for (const key of ["hold", "lesson"]) pairs.delete(key);
    return { query: String(pairs), held: held === null ? null : unfold(held), lesson, frame };
  }

  /** The address of a state, relative to wherever the page lies. */
  of(query, held, frame = this.frame) {
    const shown = [...frame].map(([key, value]) => (value === "" ? key : `${key}=${encodeURIComponent(value).replaceAll("%2C", ",")}`));
    const text = [query, held && `hold=${fold(held)}`, this.lesson && `lesson=${this.lesson}`, ...shown].filter(Boolean).join("&");
    return this.ownPage ? `?${text}` : `#explore?${text}`;
  }

  /** Writes a state to the address: as a new entry of the history, or in place of the latest. */
  write(query, held, step) {
    const address = this.of(query, held);
    if (this.ownPage ? location.search === address : location.hash === address) return;
    history[step ? "pushState" : "replaceState"](null, "", address);
  }

  /** Calls `then` when the user goes back or forward, or follows a link. */
  onMove(then) {
    addEventListener("popstate", then);
  }
}
