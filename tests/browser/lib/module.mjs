// The WebAssembly module of the explorer, as the page uses it.

/** { ask(what, query, steps) } of a new instance. */
export async function openModule(bytes) {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const { exports } = instance;
  return {
    /** { outcome, text, value }. */
    ask(what, query, steps) {
      const encoded = new TextEncoder().encode(query);
      const at = exports.request(encoded.length);
      new Uint8Array(exports.memory.buffer, at, encoded.length).set(encoded);
      const outcome = exports[what](steps);
      const reply = new Uint8Array(exports.memory.buffer, exports.reply(), exports.reply_length());
      const text = new TextDecoder().decode(reply);
      return { outcome, text, value: JSON.parse(text) };
    },
  };
}
