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

  // The numbers of a token: where the pointer is, or where the arrow keys have come to.
  const share = (p) => (p >= 0.0995 ? `${(100 * p).toFixed(0)} %` : p >= 0.0005 ? `${(100 * p).toFixed(1)} %` : "< 0.1 %");
  const numbers = (list) => (list ? list.split(",").map(Number) : []);
  const tokensOf = (heat) => {
    if (heat.read) return heat.read;
    const start = numbers(heat.dataset.start), end = numbers(heat.dataset.end), { cls, lo, hi } = heat.dataset;
    const softmax = (logits) => {
      const takes = (i) => i === Number(cls) || (i >= Number(lo) && i < Number(hi));
      const most = Math.max(...logits.filter((_, i) => takes(i)));
      const e = logits.map((v, i) => (takes(i) ? Math.exp(v - most) : 0)), sum = e.reduce((a, b) => a + b, 0);
      return e.map((v) => v / sum);
    };
    heat.read = { at: -1, words: [...heat.querySelectorAll("b")], start, end, ps: softmax(start), pe: softmax(end) };
    return heat.read;
  };
  const show = (heat, at) => {
    const t = tokensOf(heat), says = document.getElementById("token");
    if (at < 0 || at >= t.words.length || !says) return;
    t.words[t.at]?.classList.remove("on");
    t.at = at;
    t.words[at].classList.add("on");
    const name = `Token ${at}, “${t.words[at].textContent.trim()}”`;
    says.textContent = t.start.length ? `${name}: start ${share(t.ps[at])} (logit ${number(t.start[at])}), end ${share(t.pe[at])} (logit ${number(t.end[at])})` : name;
  };
  document.addEventListener("pointerover", (e) => {
    const b = e.target.closest?.("#heat b");
    if (b) { const heat = b.closest("#heat"); show(heat, tokensOf(heat).words.indexOf(b)); }
  });
  document.addEventListener("keydown", (e) => {
    if (e.target.id !== "heat" || e.ctrlKey || e.metaKey || e.altKey) return;
    const t = tokensOf(e.target), last = t.words.length - 1;
    const to = { ArrowRight: t.at + 1, ArrowDown: t.at + 10, ArrowLeft: t.at - 1, ArrowUp: t.at - 10, Home: 0, End: last }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    show(e.target, Math.min(last, Math.max(0, to)));
    t.words[t.at].scrollIntoView({ block: "nearest" });
  });
})();
