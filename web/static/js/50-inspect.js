// The thresholds of a run follow the hand; the windows of a question can be walked through. Without it both can be read.
(() => {
  "use strict";

  // Wilson's interval of a share at 95 %, as the server has it.
  const wilson = (k, n) => {
    const z = 1.959963984540054, p = k / n, z2 = z * z;
    const centre = (p + z2 / (2 * n)) / (1 + z2 / n), half = z / (1 + z2 / n) * Math.sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return [Math.max(0, centre - half), Math.min(1, centre + half)];
  };
  const percent = (k, n) => {
    if (!n) return "–";
    const [lo, hi] = wilson(k, n);
    return `${(100 * k / n).toFixed(0)} % (${(100 * lo).toFixed(0)}–${(100 * hi).toFixed(0)})`;
  };
  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const plural = (n, what) => (n === 1 ? "1 " + what : `${count(n)} ${what}s`);
  const number = (f) => { const s = Math.abs(f).toFixed(2); return f < 0 && s !== "0.00" ? "−" + s : s; };

  document.addEventListener("input", (e) => {
    const t = e.target;
    if (!t.matches("input[data-cuts]")) return;
    const cuts = t.dataset.cuts.split(";");
    const at = cuts[Math.min(cuts.length - 1, Math.max(0, Math.round((t.value - t.min) / t.step)))];
    if (!at) return;
    const [answered, wrong, right] = at.split(",").map(Number), n = Number(t.dataset.questions);
    const say = { threshold: number(Number(t.value)), answered: percent(answered, n), "answered-of": `${count(answered)} of ${plural(n, "question")}`,
      wrong: percent(wrong, answered), "wrong-of": `${count(wrong)} of ${plural(answered, "answer")}`, right: percent(right, n), "right-of": `${count(right)} of ${plural(n, "question")}` };
    for (const [what, text] of Object.entries(say)) {
      const el = document.querySelector(`[data-cut="${what}"]`);
      if (el) el.textContent = text;
    }
    const keep = document.querySelector('[data-cut="keep"]');
    if (keep) keep.value = t.value;
  });

  // A choice that shows at once what it leads to.
  document.addEventListener("change", (e) => {
    const form = e.target.closest("form[data-send]");
    if (form) form.requestSubmit();
  });
})();
