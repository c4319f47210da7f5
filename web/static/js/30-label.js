// The label queue: answers are marked in a passage by mouse or keyboard, and there is a key for all that can be said of a question.
(() => {
  "use strict";
  const screen = () => document.querySelector("[data-label]");
  const bar = () => document.getElementById("mark");
  const say = (text) => { const s = document.getElementById("status"); if (s) s.textContent = text; };
  const typing = (el) => el && (el.matches("textarea, select, input:not([type=checkbox], [type=radio])") || el.isContentEditable);

  // Positions count UTF-16 units of a passage's text, whatever elements it is put into.
  const offset = (passage, node, at) => {
    const r = document.createRange();
    r.selectNodeContents(passage);
    r.setEnd(node, at);
    return r.toString().length;
  };
  const rangeOf = (passage, from, to) => {
    const r = document.createRange();
    const walk = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT);
    let seen = 0, started = false;
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const end = seen + n.data.length;
      if (!started && from < end) { r.setStart(n, from - seen); started = true; }
      if (to <= end) { r.setEnd(n, to - seen); break; }
      seen = end;
    }
    return r;
  };

  // What is marked: a passage, from where to where.
  let marked = null, telling = 0;
  const mark = (passage, from, to) => {
    const text = passage.textContent.slice(from, to);
    from += text.length - text.trimStart().length;
    to = from + text.trim().length;
    if (from >= to) return clear();
    marked = { passage, from, to };
    const form = bar(), what = passage.textContent.slice(from, to);
    form.elements.mark.value = JSON.stringify({ doc: passage.dataset.doc, base: Number(passage.dataset.base), from, to, text: what });
    form.querySelector("[data-mark-text]").textContent = what;
    show(form, true);
    if (CSS.highlights) CSS.highlights.set("label-marked", new Highlight(rangeOf(passage, from, to)));
    clearTimeout(telling);
    telling = setTimeout(() => say("Marked: " + what + ". Enter saves it."), 400);
  };
  const show = (form, on) => {
    form.querySelector("[data-mark-shown]").hidden = !on;
    form.querySelector("[data-mark-hint]").hidden = on;
    form.querySelector("button.go").disabled = !on;
  };
  const clear = () => {
    marked = null;
    clearTimeout(telling);
    CSS.highlights?.delete("label-marked");
    const form = bar();
    if (!form) return;
    form.elements.mark.value = "";
    show(form, false);
  };
  const save = () => {
    if (!marked || !bar()) return;
    clearTimeout(telling);
    bar().querySelector("button.go").click();
  };

  const passageOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-passage]");
  document.addEventListener("selectionchange", () => {
    if (!bar()) return;
    const s = getSelection();
    if (!s.rangeCount) return;
    const r = s.getRangeAt(0), first = passageOf(r.startContainer), last = passageOf(r.endContainer), passage = first || last;
    if (!passage) return; // elsewhere: what is marked stays
    if (r.collapsed) { if (marked && passage === marked.passage && !stepping) clear(); return; }
    const from = first === passage ? offset(passage, r.startContainer, r.startOffset) : 0;
    const to = last === passage ? offset(passage, r.endContainer, r.endOffset) : passage.textContent.length;
    if (!marked || marked.passage !== passage || marked.from !== from || marked.to !== to) mark(passage, from, to);
  });

  // By keyboard: words and signs, one after the other.
  const known = new WeakMap();
  const words = (passage) => {
    let list = known.get(passage);
    if (list) return list;
    const text = passage.textContent;
    list = [];
    if (window.Intl?.Segmenter) {
      for (const s of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) if (s.segment.trim()) list.push([s.index, s.index + s.segment.length]);
    } else {
      for (const m of text.matchAll(/\S+/g)) list.push([m.index, m.index + m[0].length]);
    }
    known.set(passage, list);
    return list;
  };
  let step = null, stepping = false; // the passage with the words that marking by keyboard began with and is at
  const box = (passage, i) => rangeOf(passage, ...words(passage)[i]).getBoundingClientRect();
  // The word above or below another: on the next line, and there the nearest.
  const beside = (passage, i, way) => {
    const all = words(passage), here = box(passage, i), x = (here.left + here.right) / 2;
    let line = null, best = i, least = Infinity;
    for (let k = i + way; k >= 0 && k < all.length; k += way) {
      const b = box(passage, k);
      if (way > 0 ? b.top < here.bottom - 1 : b.bottom > here.top + 1) continue;
      if (line === null) line = b.top;
      if (Math.abs(b.top - line) > 2) break;
      const far = Math.abs((b.left + b.right) / 2 - x);
      if (far < least) { least = far; best = k; }
    }
    return best;
  };
  const arrow = (e, passage) => {
    const all = words(passage);
    if (!all.length) return;
    if (!step || step.passage !== passage) {
      // From what is marked on, else before the first word.
      const i = marked?.passage === passage ? all.findIndex(([, end]) => end > marked.from) : -1;
      const j = i < 0 ? -1 : all.findLastIndex(([start]) => start < marked.to);
      step = { passage, anchor: i, focus: j };
    }
    const ahead = getComputedStyle(passage).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    let to = step.focus;
    switch (e.key) {
      case "ArrowUp": to = to < 0 ? 0 : beside(passage, to, -1); break;
      case "ArrowDown": to = to < 0 ? 0 : beside(passage, to, 1); break;
      case "Home": to = 0; break;
      case "End": to = all.length - 1; break;
      default: to += e.key === ahead ? 1 : -1;
    }
    to = Math.min(Math.max(to, 0), all.length - 1);
    e.preventDefault();
    step.focus = to;
    if (!e.shiftKey || step.anchor < 0) step.anchor = to;
    const from = all[Math.min(step.anchor, to)][0], end = all[Math.max(step.anchor, to)][1];
    stepping = true;
    const s = getSelection();
    s.removeAllRanges();
    s.addRange(rangeOf(passage, from, end));
    mark(passage, from, end);
    stepping = false;
    const b = box(passage, to);
    if (b.top < 40 || b.bottom > innerHeight - 40) scrollBy(0, b.top - innerHeight / 2);
  };
  document.addEventListener("pointerdown", () => { step = null; });

  let leader = 0;
  document.addEventListener("keydown", (e) => {
    const within = screen();
    if (!within) return;
    const t = e.target;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      if (t.matches("[data-submit]")) { e.preventDefault(); t.form.requestSubmit(); }
      return;
    }
    if (typing(t) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "g") { leader = Date.now(); return; }
    if (Date.now() - leader < 1500) { leader = 0; return; } // it leads to another screen
    const passage = t.closest("[data-passage]");
    if (passage && ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(e.key)) return arrow(e, passage);
    if (e.key === "Enter") {
      if (marked && !t.closest("button, a, summary")) { e.preventDefault(); save(); }
      return;
    }
    if (e.key === "Escape") {
      if (marked) { getSelection().removeAllRanges(); step = null; clear(); say("Nothing is marked"); }
      return;
    }
    if (e.key === "m") {
      const all = [...within.querySelectorAll("[data-passage]")];
      if (!all.length) return;
      e.preventDefault();
      all[(all.indexOf(passage) + 1) % all.length].focus();
      say("Use the arrow keys to mark a word, with Shift several; Enter saves");
      return;
    }
    const button = /^[0-9sz]$/.test(e.key) && !e.repeat && within.querySelector(`button[data-key="${e.key}"]`);
    if (button) { e.preventDefault(); button.click(); }
  });
  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-mark-clear]")) { getSelection().removeAllRanges(); step = null; clear(); }
  });

  // The answers of the models come when they come.
  new MutationObserver((changes) => {
    for (const c of changes) {
      for (const n of c.addedNodes) {
        if (n.nodeType !== Node.ELEMENT_NODE || !n.matches("#suggestions")) continue;
        const many = n.querySelectorAll("ol button").length;
        say(many === 1 ? "1 answer is suggested" : many + " answers are suggested");
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  // The next question: it is read out, and nothing of the last one stays.
  let was = null;
  document.addEventListener("DOMContentLoaded", () => { was = screen(); if (bar()) clear(); });
  document.addEventListener("htmx:after:swap", () => {
    const now = screen();
    if (!now || now === was) return;
    was = now;
    step = null;
    clear();
    const to = now.querySelector("#choosing") || now.querySelector("#asked");
    to?.focus({ preventScroll: true });
    scrollTo(0, 0);
    say(now.dataset.say || "");
  });
})();
