// Ask: the threshold in force is that of the model that is chosen.
(() => {
  "use strict";
  document.addEventListener("change", (e) => {
    const limit = e.target.id === "m" && e.target.selectedOptions?.[0]?.dataset.limit;
    const knob = document.getElementById("k-threshold");
    if (limit && knob) knob.placeholder = limit;
  });
})();

// A link is copied; where the browser does not let a page do that, it is selected.
(() => {
  "use strict";
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    const field = button && document.getElementById(button.dataset.copy);
    if (!field) return;
    let done = "Copied";
    const late = new Promise((_, no) => { setTimeout(() => no(new Error("nobody has allowed it")), 800); });
    try { await Promise.race([navigator.clipboard.writeText(field.value), late]); } catch { field.focus(); field.select(); done = "Selected: copy it with the keyboard"; }
    button.textContent = done;
    const status = document.getElementById("status");
    if (status) status.textContent = done;
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
})();
