// The sources of views: a server that computes them, a WebAssembly module in the page, or a precomputed grid in the page.

/** An error with a message for the user. */
class Refused extends Error {}

/** Requests views from the server of the page. */
const server = {
  live: true,

  /** The view of a query, and notices. `progress` is called during a long training. */
  view: (query, { signal, progress }) => server.ask("view", query, { signal, progress }),

  /** The map of the gradient ratio over weight and bias scales. */
  map: (query, { signal }) => server.ask("map", query, { signal, progress: () => {} }),

  async ask(what, query, { signal, progress }) {
    for (;;) {
      let response;
      try {
        response = await fetch(`api/${what}?${query}`, { signal });
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

/** The bytes that are base64 of gzip in the text of an element. */
function inflated(text) {
  const packed = atob(text.trim());
  const bytes = new Uint8Array(packed.length);
  for (let k = 0; k < packed.length; k += 1) bytes[k] = packed.charCodeAt(k);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

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
    if (!this.#parts.has(name)) this.#parts.set(name, await inflated(this.#text.parts[name]).json());
    return this.#parts.get(name);
  }

  async map() {
    throw new Refused("The report holds no such map.");
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
