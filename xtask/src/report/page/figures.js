// Values are read off a figure by its arrow keys as well as by a pointer, which needs no script.
for (const svg of document.querySelectorAll(".panels svg:has(.at)")) {
  const places = [...svg.querySelectorAll(".at")];
  let now = -1;
  const show = (at) => {
    places[now]?.classList.remove("on");
    now = at;
    places[now]?.classList.add("on");
    const rows = [...(places[now]?.querySelectorAll("text") ?? [])].map((row) => row.textContent);
    document.getElementById("reading").textContent = rows.join(" ");
  };
  svg.tabIndex = 0;
  svg.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: Math.max(0, now - 1), ArrowRight: Math.min(places.length - 1, now + 1), Home: 0, End: places.length - 1, Escape: -1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(to);
  });
  svg.addEventListener("blur", () => show(-1));
  svg.addEventListener("pointermove", () => now >= 0 && show(-1));
}

// An address that holds settings of the explorer leads to it.
const reach = () => location.hash.startsWith("#explore?") && document.getElementById("explorer").scrollIntoView();
addEventListener("hashchange", reach);
reach();
