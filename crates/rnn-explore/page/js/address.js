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
  }

  /** { query, held }: the settings, and those of A if there is one. */
  read() {
    const text = this.ownPage ? location.search.slice(1) : location.hash.startsWith("#explore?") ? location.hash.slice(9) : "";
    const pairs = new URLSearchParams(text);
    const held = pairs.get("hold");
    pairs.delete("hold");
    return { query: String(pairs), held: held === null ? null : unfold(held) };
  }

  /** The address of a state. */
  of(query, held) {
    const text = held === null ? query : `${query}&hold=${fold(held)}`;
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
