// The state in the address: the query on a page of its own, the fragment in a report.

/** Encodes a query for use as a value in another: `c=lstm&w=-2` becomes `c-lstm_w--2`, which needs no escapes. */
const fold = (query) => query.replaceAll("=", "-").replaceAll("&", "_");

const unfold = (text) =>
  text
    .split("_")
    .map((pair) => pair.replace("-", "="))
    .join("&");

class Address {
  constructor(ownPage) {
    this.ownPage = ownPage;
    /** The lesson that is open, which every address then names. */
    this.lesson = null;
  }

  /** { query, held, lesson }: the settings, those of A if there is one, and the name of a lesson. */
  read() {
    const text = this.ownPage ? location.search.slice(1) : location.hash.startsWith("#explore?") ? location.hash.slice(9) : "";
    const pairs = new URLSearchParams(text);
    const held = pairs.get("hold");
    const lesson = pairs.get("lesson");
    for (const key of ["hold", "lesson"]) pairs.delete(key);
    return { query: String(pairs), held: held === null ? null : unfold(held), lesson };
  }

  /** The address of a state. */
  of(query, held) {
    const text = [query, held && `hold=${fold(held)}`, this.lesson && `lesson=${this.lesson}`].filter(Boolean).join("&");
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
