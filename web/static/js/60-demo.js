// The lines of answers in a shared text: each can be taken away, to see what lies beneath.
(() => {
  "use strict";
  document.addEventListener("change", (e) => {
    const n = e.target.dataset?.line;
    if (!n) return;
    for (const el of e.target.closest(".shared").querySelectorAll(`[data-by="${CSS.escape(n)}"]`)) el.classList.toggle("off", !e.target.checked);
  });
})();
