// Views from a WebAssembly module in the page, computed in a Worker.

/**
 * The program of the Worker: answers one request after the other. It is turned into text, and so uses nothing from around it.
 *
 * In: { module }, once; { id, what, query }; { stop: id }. Out: { id, progress } during a training; { id, outcome, text, took };
 * { id, failed }; { id, stopped }.
 */
function explorerWorker() {
  /** Milliseconds of training between two looks at what has arrived. */
  const SLICE = 25;
  let module;
  let exports;
  let last = Promise.resolve();
  const stopped = new Set();

  const ask = (what, query, steps) => {
    if (!exports[what]) return { outcome: 2, text: JSON.stringify({ message: "This page cannot compute that." }) };
    const bytes = new TextEncoder().encode(query);
    const at = exports.request(bytes.length);
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
    const outcome = exports[what](steps);
    return { outcome, text: new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.reply(), exports.reply_length())) };
  };

  // A timer would wait for milliseconds.
  const pause = () => new Promise((go) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      go();
    };
    port2.postMessage(null);
  });

  const answer = async ({ id, what, query }) => {
    let steps = 1;
    for (;;) {
      // What has arrived is seen first: a request that waited may have been stopped.
      await pause();
      if (stopped.delete(id)) return { id, stopped: true };
      const start = performance.now();
      const { outcome, text } = ask(what, query, steps);
      if (outcome !== 1) return { id, outcome, text, took: performance.now() - start };
      postMessage({ id, progress: JSON.parse(text).interrupted });
      const took = performance.now() - start;
      steps = Math.max(1, Math.min(2 * steps, Math.floor((steps * SLICE) / Math.max(took, 0.01))));
    }
  };

  const work = async (request) => {
    try {
      exports ??= (await WebAssembly.instantiate(module, {})).exports;
      postMessage(await answer(request));
    } catch (error) {
      // What a module that has failed remembers may be wrong.
      exports = null;
      postMessage({ id: request.id, failed: String(error) });
    }
    stopped.delete(request.id);
  };

  onmessage = ({ data }) => {
    if (data.module) module = data.module;
    else if (data.stop) stopped.add(data.stop);
    else last = last.then(() => work(data));
  };
}

/** Asks the module. It is compiled once, and a Worker that does not stop in time is replaced. */
class ModuleSource {
  live = true;
  /** Milliseconds that the module took for the latest answer, or for its last slice. */
  took = null;
  #compiled = null;
  #program = null;
  #worker = null;
  #text;
  #asked = new Map();
  #count = 0;

  /** Milliseconds that an aborted request may go on: long enough for a slice of a training, and so for what it has reached. */
  static GRACE = 80;

  /** `element` holds the module: base64 of gzip. */
  constructor(element) {
    this.#text = element.textContent;
  }

  view(query, { signal, progress } = {}) {
    return this.#ask("view", query, signal, progress);
  }

  map(query, { signal } = {}) {
    return this.#ask("map", query, signal);
  }

  #compile() {
    const bytes = async () => WebAssembly.compile(await inflated(this.#text).arrayBuffer());
    this.#compiled ??= bytes().catch((error) => {
      throw new Refused(`This browser cannot run the explorer; a newer one can. It needs WebAssembly with vectors (simd128), Workers and DecompressionStream. (${error.message})`);
    });
    return this.#compiled;
  }

  #start(module) {
    this.#program ??= URL.createObjectURL(new Blob([`"use strict";(${explorerWorker})();`], { type: "text/javascript" }));
    const worker = new Worker(this.#program);
    worker.onmessage = ({ data }) => this.#heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#replace(worker, new Refused(`The explorer’s Worker has failed: ${event.message ?? "no reason is given"}`));
    };
    worker.postMessage({ module });
    return worker;
  }

  /** Ends a Worker; all that it was asked fails. The next request starts another. */
  #replace(worker, error) {
    worker.terminate();
    if (this.#worker === worker) this.#worker = null;
    for (const [id, asked] of this.#asked) {
      if (asked.worker !== worker) continue;
      this.#asked.delete(id);
      if (!asked.gone && error) asked.fail(error);
      else if (!asked.gone) this.#send(id, asked);
    }
  }

  #send(id, asked) {
    this.#worker ??= this.#start(asked.module);
    asked.worker = this.#worker;
    this.#asked.set(id, asked);
    asked.worker.postMessage({ id, what: asked.what, query: asked.query });
  }

  async #ask(what, query, signal, progress) {
    const module = await this.#compile();
    signal?.throwIfAborted();
    return new Promise((done, fail) => {
      const id = (this.#count += 1);
      const asked = { module, what, query, progress, done, fail, gone: false };
      this.#send(id, asked);
      signal?.addEventListener("abort", () => {
        if (!this.#asked.has(id)) return;
        asked.gone = true;
        fail(signal.reason);
        asked.worker.postMessage({ stop: id });
        // A request that waits behind another one is not what keeps the Worker busy, but goes with it all the same.
        setTimeout(() => this.#asked.has(id) && this.#replace(asked.worker), ModuleSource.GRACE);
      }, { once: true });
    });
  }

  #heard({ id, progress, outcome, text, took, failed, stopped }) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    if (progress) {
      if (!asked.gone) asked.progress?.(progress);
      return;
    }
    this.#asked.delete(id);
    if (asked.gone || stopped) return;
    this.took = took;
    if (failed) asked.fail(new Refused(`This view fails because of a mistake in the program: ${failed}`));
    else if (outcome === 0) asked.done(JSON.parse(text));
    else asked.fail(new Refused(JSON.parse(text).message));
  }
}

/** The source of this page. */
function findSource() {
  const [module, grid] = ["explorer-module", "explorer-grid"].map((id) => document.getElementById(id));
  return module ? new ModuleSource(module) : grid ? new Grid(grid) : server;
}

/** Whether the address after `?` belongs to the explorer: it does not in a report, nor in a file, whose address browsers keep. */
const ownsAddress = () => document.documentElement.classList.contains("explore") && location.protocol !== "file:";
