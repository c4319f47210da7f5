// The form for a new run: what is chosen in it stands in the address, so that the page loaded again has it, and a colleague as well.
(() => {
  "use strict";
  const keep = (form) => {
    const state = new URLSearchParams([["new", "1"]]); // the page tells "no model" from "nothing said"
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value !== "") state.append(name, value);
    history.replaceState(history.state, "", location.pathname + "?" + state);
  };
  document.addEventListener("input", (e) => {
    const form = e.target.closest(".new-run");
    if (form) keep(form);
  });
  document.addEventListener("click", (e) => {
    const all = e.target.closest(".new-run [data-check-all]"); // which ticks before, as it listens from before
    if (all) keep(all.form);
  });
})();
