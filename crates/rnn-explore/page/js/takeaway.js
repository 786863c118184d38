// What the reader takes along: numbers, programs, links.

const Takeaway = {
  csv({ view, held }) {
    download(fileName("explorer", view.query, "csv"), "text/csv;charset=utf-8", `\ufeff${csv(view, held)}`);
  },

  json({ view, held }) {
    download(fileName("explorer", view.query, "json"), "application/json", `${JSON.stringify(held ? { now: view, a: held } : view, null, 1)}\n`);
  },

  snippet({ view, say }) {
    download("main.rs", "text/plain;charset=utf-8", view.snippet);
    say("The program is saved as main.rs; the crates it needs are those of this repository.");
  },

  torch({ view, say }) {
    download("main.py", "text/plain;charset=utf-8", view.torch);
    say("The program is saved as main.py; it needs PyTorch.");
  },

  /** The address, with the groups that are open. */
  async link({ view, held, address, frame, say }) {
    const keys = new URLSearchParams(address.frame);
    keys.delete("open");
    if (frame.opened.length > 0 && !keys.has("show")) keys.set("open", frame.opened.join(","));
    const relative = address.of(view.query, held ? held.query : null, keys);
    const link = new URL(relative, location.href);
    // The address of this machine leads nobody else here.
    const own = ["127.0.0.1", "localhost", "[::1]"].includes(link.hostname) || link.protocol === "file:";
    const advice = own ? ` It leads to this machine; elsewhere, put ${relative} after the address of an explorer.` : "";
    try {
      await navigator.clipboard.writeText(link.href);
      say(`The link is in the clipboard.${advice}`);
    } catch {
      say(`${link.href}${advice}`);
    }
  },
};
