// What pages do beyond their markup. Everything can be read without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // The theme: what the system has, until a person chooses.
  const themes = ["auto", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } };
  const setTheme = (theme) => {
    if (theme === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", theme);
    for (const b of document.querySelectorAll("[data-theme-switch]")) b.textContent = { auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark" }[theme];
  };
  setTheme(stored());

  const $ = (selector) => document.querySelector(selector);
  const typing = (el) => el && (el.matches("input, textarea, select") || el.isContentEditable);
  const say = (text) => { const s = $("#status"); if (s) s.textContent = text; };

  document.addEventListener("DOMContentLoaded", () => {
    setTheme(stored());
    watch(document);
    fitUnused();
    $(".rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  });

  // Keys.
  let leader = 0;
  const keys = (open) => {
    const panel = $("#keys");
    panel.hidden = !open;
    $("[data-keys-open]").setAttribute("aria-expanded", String(open));
    (open ? $("[data-keys-close]") : $("[data-keys-open]")).focus();
  };
  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      const form = $("[data-ask]");
      if (form) { e.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (e.key === "Escape") {
      if (!$("#keys").hidden) keys(false);
      else if (typing(document.activeElement)) document.activeElement.blur();
      return;
    }
    if (typing(e.target) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (Date.now() - leader < 1500) {
      leader = 0;
      const to = document.querySelector(`.rail [data-key="${CSS.escape(e.key)}"]`);
      if (to) { e.preventDefault(); to.click(); }
      return;
    }
    if (e.key === "g") leader = Date.now();
    else if (e.key === "?") { e.preventDefault(); keys($("#keys").hidden); }
    else if (e.key === "/") {
      const q = $("[data-question]");
      if (q) { e.preventDefault(); q.focus(); q.select(); }
    }
  });

  document.addEventListener("click", (e) => {
    const t = e.target.closest("[data-theme-switch],[data-keys-open],[data-keys-close],[data-drawer],[data-reset],[data-reset-all],[data-compare],[data-check-all]");
    if (!t) return;
    if (t.hasAttribute("data-theme-switch")) {
      const next = themes[(themes.indexOf(stored()) + 1) % themes.length];
      try { localStorage.setItem("theme", next); } catch { /* it lasts for this page */ }
      setTheme(next);
    } else if (t.hasAttribute("data-keys-open")) keys($("#keys").hidden);
    else if (t.hasAttribute("data-keys-close")) keys(false);
    else if (t.hasAttribute("data-drawer")) {
      const open = t.getAttribute("aria-expanded") !== "true";
      t.setAttribute("aria-expanded", String(open));
      t.parentElement.classList.toggle("open", open);
    } else if (t.hasAttribute("data-reset")) {
      reset(document.getElementById(t.dataset.reset));
      document.getElementById(t.dataset.reset).focus();
    } else if (t.hasAttribute("data-reset-all")) {
      e.preventDefault();
      for (const k of document.querySelectorAll(".knobs .knob :is(input, select)")) if (k.value !== "") quietReset(k);
      again();
    } else if (t.hasAttribute("data-check-all")) {
      const on = t.dataset.checkAll === "true";
      for (const c of t.closest("fieldset").querySelectorAll("input[type=checkbox]")) c.checked = on;
    } else if (t.hasAttribute("data-compare")) {
      e.preventDefault();
      const form = document.getElementById(t.dataset.compare);
      const send = document.createElement("form");
      send.method = "post";
      send.action = "/compare";
      send.hidden = true;
      for (const [name, value] of new FormData(form)) {
        if (typeof value !== "string" || name === "m") continue;
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        send.append(field);
      }
      document.body.append(send);
      send.submit();
    }
  });

  const quietReset = (k) => { k.value = ""; mark(k); };
  const reset = (k) => { quietReset(k); again(); };
  const mark = (k) => k.closest(".knob")?.classList.toggle("set", k.value !== "");

  // A knob is turned: what was answered is answered again. Text that is typed waits for the button.
  let timer = 0;
  const again = () => {
    fitUnused();
    const form = $("[data-ask]"), q = $("[data-question]");
    if (!form || !q || !q.value.trim() || !hasText(form)) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if ([...form.elements].every((el) => el.type === "file" || el.checkValidity())) form.requestSubmit(); }, 60);
  };
  const hasText = (form) => {
    const data = new FormData(form);
    return data.get("from") === "corpus" || (data.get("c") || "").trim() !== "" || (data.get("t") || "") !== "";
  };
  document.addEventListener("input", (e) => {
    if (e.target.closest(".knobs")) { mark(e.target); if (e.target.type === "number") again(); }
  });
  document.addEventListener("change", (e) => {
    const t = e.target;
    if (t.matches("[data-source]")) {
      const corpus = t.value === "corpus";
      $(".of-text").hidden = corpus;
      $(".of-corpus").hidden = !corpus;
      return;
    }
    if (t.id === "file" && t.files.length) { $("#file-form").requestSubmit(); say("Reading " + t.files[0].name); return; }
    if (t.closest(".knobs, .model")) { mark(t); again(); }
  });

  // Knobs that the decoder does not look at step back.
  const fitUnused = () => {
    const d = document.getElementById("k-decoder");
    if (!d) return;
    const decoder = d.value || d.options[0].textContent.split(" ")[0];
    for (const k of document.querySelectorAll(".knob[data-for]")) {
      const list = k.dataset.for;
      k.classList.toggle("unused", list !== "" && !list.split(" ").includes(decoder));
    }
  };

  // Files are dropped anywhere on the source.
  const over = (e) => e.dataTransfer && [...e.dataTransfer.types].includes("Files") && $("#file");
  document.addEventListener("dragover", (e) => { if (over(e)) { e.preventDefault(); $("#source")?.classList.add("drop"); } });
  document.addEventListener("dragleave", (e) => { if (!e.relatedTarget) $("#source")?.classList.remove("drop"); });
  document.addEventListener("drop", (e) => {
    $("#source")?.classList.remove("drop");
    if (!over(e) || !e.dataTransfer.files.length) return;
    e.preventDefault();
    const input = $("#file");
    input.files = e.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Events of the server: each is a part of the page that takes the place of the one with its id.
  const streams = new Map();
  const watch = (within) => {
    for (const el of within.querySelectorAll("[data-events]")) {
      const url = el.dataset.events;
      if (streams.has(url)) continue;
      const source = new EventSource(url);
      streams.set(url, source);
      source.addEventListener("part", (e) => put(e.data));
      source.addEventListener("done", (e) => { source.close(); streams.delete(url); if (e.data) say(e.data); });
      source.addEventListener("error", () => { el.classList.toggle("lost", source.readyState !== EventSource.OPEN); });
      source.addEventListener("open", () => el.classList.remove("lost"));
    }
    for (const [url, source] of streams) {
      if (!document.querySelector(`[data-events="${CSS.escape(url)}"]`)) { source.close(); streams.delete(url); }
    }
  };
  const put = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    for (const fresh of [...holder.content.children]) {
      const old = fresh.id && document.getElementById(fresh.id);
      if (!old) continue;
      const focus = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : "";
      for (const d of old.querySelectorAll("details[id][open]")) fresh.querySelector("#" + CSS.escape(d.id))?.setAttribute("open", "");
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
      if (focus) document.getElementById(focus)?.focus();
    }
  };
  const leave = () => { for (const s of streams.values()) s.close(); streams.clear(); };
  window.addEventListener("pagehide", leave);
  // A browser has six connections to a server: a tab that nobody sees gives its own back, and asks for the state when it is seen again.
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else watch(document); });
  document.addEventListener("htmx:after:swap", () => watch(document));
  document.addEventListener("htmx:error", () => say("The server did not answer"));
})();
