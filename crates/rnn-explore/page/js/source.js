// The sources of views: a server that computes them, or a precomputed grid in the page.

/** An error with a message for the user. */
class Refused extends Error {}

/** Requests views from the server of the page. */
const server = {
  live: true,

  /** The view of a query, and notices. `progress` is called during a long training. */
  async view(query, { signal, progress }) {
    for (;;) {
      let response;
      try {
        response = await fetch(`api/view?${query}`, { signal });
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Refused("The explorer does not answer. Is “cargo xtask explore” still running?");
      }
      if (response.ok) return response.json();
      const interrupted = response.status === 503 ? (await response.json().catch(() => ({}))).interrupted : undefined;
      if (!interrupted) throw new Refused(response.status === 503 ? "The explorer is too busy; change a setting to try again." : await response.text());
      // The steps taken so far are kept: the next request continues from there.
      progress(interrupted);
    }
  },
};

/** Reads views from a grid in the page. */
class Grid {
  live = false;
  #parts = new Map();
  #text;

  /** `element` holds { weights, biases, settings, parts: { "rnn-tanh-last": base64 of gzipped JSON } }. */
  constructor(element) {
    this.#text = JSON.parse(element.textContent);
    const { weights, biases, settings } = this.#text;
    Object.assign(this, { weights, biases, settings });
  }

  async #part(name) {
    if (!this.#parts.has(name)) {
      const bytes = Uint8Array.from(atob(this.#text.parts[name]), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      this.#parts.set(name, await new Response(stream).json());
    }
    return this.#parts.get(name);
  }

  async view(query) {
    const get = (key, otherwise) => new URLSearchParams(query).get(key) ?? otherwise;
    const [cell, phi, loss] = [get("c", "rnn"), get("a", "tanh"), get("o", "last")];
    const [weight, bias] = [Number(get("w", 1)), Number(get("b", 1))];
    const nearest = (all, x) => all.reduce((best, one, k) => (Math.abs(one - x) < Math.abs(all[best] - x) ? k : best), 0);
    const [i, j] = [nearest(this.weights, weight), nearest(this.biases, bias)];
    const part = await this.#part(cell === "rnn" ? `rnn-${phi}-${loss}` : `${cell}-${loss}`);
    // Fields that the grid leaves out are empty.
    const own = { weight_scale: this.weights[i], bias_scale: this.biases[j], cell, nonlinearity: phi, loss, layer: 0, timestep: Number(get("j", 0)) };
    const settings = { ...this.settings, ...own };
    const text = new URLSearchParams({ v: "1" });
    const differing = { c: [cell, "rnn"], a: [phi, "tanh"], w: [String(own.weight_scale), "1"], b: [String(own.bias_scale), "1"], o: [loss, "last"], j: [get("j", "0"), "0"] };
    for (const [key, [value, otherwise]] of Object.entries(differing)) if (value !== otherwise) text.set(key, value);
    const view = { ...part[i * this.biases.length + j], settings, query: String(text), layer: 0, snippet: "", training: { losses: [], overflow: null } };
    const off = own.weight_scale !== weight || own.bias_scale !== bias;
    return { view, notices: off ? ["The report holds only some positions of the sliders; the nearest one is shown."] : [] };
  }
}
