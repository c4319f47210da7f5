// The screens of a run: the matrix by keyboard, names that are remembered, links that are taken whole.
(() => {
  "use strict";
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // One cell of the matrix can be reached by tab; arrows go on from it.
  const cells = () => $$("[data-matrix] tbody tr").map((row) => $$("td > a", row));
  const take = (a, focus) => {
    for (const old of $$("[data-matrix] td > a[tabindex='0']")) old.tabIndex = -1;
    a.tabIndex = 0;
    if (focus) {
      a.focus({ preventScroll: true });
      a.closest("td").scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  };
  const columnOf = (td) => [...td.parentElement.children].indexOf(td);

  // step goes from a cell to the next that was asked, in a direction.
  const step = (from, key) => {
    const row = from.closest("tr"), column = columnOf(from.closest("td"));
    const at = (r, c) => r && r.children[c] && r.children[c].querySelector(":scope > a");
    const rows = $$("[data-matrix] tbody tr"), i = rows.indexOf(row);
    const walk = (list) => list.find(Boolean);
    const width = row.children.length;
    const range = (a, b) => { const out = []; for (let n = a; a < b ? n < b : n > b; n += a < b ? 1 : -1) out.push(n); return out; };
    switch (key) {
      case "ArrowRight": return column + 1 < width ? walk(range(column + 1, width).map((c) => at(row, c))) : null;
      case "ArrowLeft": return column > 1 ? walk(range(column - 1, 0).map((c) => at(row, c))) : null;
      case "ArrowDown": return i + 1 < rows.length ? walk(rows.slice(i + 1).map((r) => at(r, column))) : null;
      case "ArrowUp": return i > 0 ? walk(rows.slice(0, i).reverse().map((r) => at(r, column))) : null;
      case "Home": return walk(range(1, width).map((c) => at(row, c)));
      case "End": return walk(range(width - 1, 0).map((c) => at(row, c)));
    }
    return null;
  };

  const ready = () => {
    const table = document.querySelector("[data-matrix]");
    if (table) {
      for (const el of $$("tbody a, tbody button", table)) el.tabIndex = -1;
      for (const el of $$("[name=undo]", table)) el.tabIndex = 0;
      const named = location.hash.startsWith("#c") && document.getElementById(location.hash.slice(1));
      const first = named || cells().flat()[0];
      if (first) take(first, Boolean(named));
      table.addEventListener("focusin", (e) => { if (e.target.matches("td > a")) take(e.target, false); });
    }
    // What somebody is called is asked once.
    for (const field of $$("[data-keep]")) {
      const key = "keep-" + field.dataset.keep;
      try { if (!field.value) field.value = localStorage.getItem(key) || ""; } catch { /* it is asked again */ }
      field.addEventListener("change", () => { try { localStorage.setItem(key, field.value); } catch { /* it is asked again */ } });
    }
    for (const field of $$("[data-select]")) field.addEventListener("focus", () => field.select());
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !document.querySelector("[data-filter]")) return;
    if (e.target.matches("input, textarea, select")) return;
    if (e.key === "f") {
      const all = $$("[data-filter]"), now = all.findIndex((a) => a.getAttribute("aria-current"));
      const next = all[(now + 1) % all.length];
      if (next && next.href) { e.preventDefault(); next.click(); }
      return;
    }
    const cell = e.target.closest("[data-matrix] td > a");
    if (!cell) {
      // From anywhere on the page an arrow goes to the matrix.
      const first = document.querySelector("[data-matrix] td > a[tabindex='0']");
      if (e.target === document.body && first && (e.key === "ArrowRight" || e.key === "ArrowDown")) { e.preventDefault(); take(first, true); }
      return;
    }
    if (e.key === "r") {
      const judge = cell.parentElement.querySelector(".judge");
      if (judge) { e.preventDefault(); judge.click(); }
      return;
    }
    const to = step(cell, e.key);
    if (to) { e.preventDefault(); take(to, true); }
  });
})();
