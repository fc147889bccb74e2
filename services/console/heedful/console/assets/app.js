// What pages do by themselves: clocks count down, forms know where they are, updates come in.
"use strict";

const zh = document.documentElement.lang.startsWith("zh");
const UNITS = zh
  ? [["天", 86400], ["小时", 3600], ["分", 60], ["秒", 1]]
  : [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

function span(seconds) {
  let rest = Math.floor(Math.abs(seconds));
  const parts = [];
  for (const [name, size] of UNITS) {
    if (rest >= size || (size === 1 && parts.length === 0)) {
      parts.push(Math.floor(rest / size) + " " + name);
      rest %= size;
    }
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

function tick() {
  const now = Date.now();
  for (const clock of document.querySelectorAll("time[data-due]")) {
    const left = (Date.parse(clock.dataset.due) - now) / 1000;
    const text = left >= 0
      ? (zh ? "剩 " + span(left) : span(left) + " left")
      : (zh ? "超时 " + span(left) : span(left) + " over");
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("over", left < 0);
    clock.classList.toggle("soon", left >= 0 && left < 3600);
  }
}

function here(root) {
  for (const field of root.querySelectorAll("input[data-here]")) {
    field.value = location.pathname + location.search;
  }
}

// A page that wants to be kept up to date names where changes come from, and listens on the body
// for "changed" (detail: which cases) and "live" (detail: open or lost). Nothing is held open while
// nobody looks: browsers have six connections to a host for all their windows (HTTP/1.1).
function follow() {
  const live = document.querySelector("[data-live]");
  if (!live || !window.EventSource) return;
  const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, {detail}));
  let source = null;
  let again = null;
  const stop = () => { clearTimeout(again); if (source) source.close(); source = null; };
  const start = () => {
    if (source || document.hidden) return;
    source = new EventSource(live.dataset.live);
    source.addEventListener("open", () => { tell("live", "open"); tell("changed", []); });
    source.addEventListener("changed", (event) => tell("changed", JSON.parse(event.data)));
    source.addEventListener("error", () => {
      tell("live", "lost");
      // A browser gives up after an answer that is no stream, such as 503: too many look on.
      if (source && source.readyState === EventSource.CLOSED) { stop(); again = setTimeout(start, 30000); }
    });
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
  start();
}

function menus() {
  const wide = matchMedia("(min-width: 60rem)");
  const menu = document.querySelector("details.menu");
  const fit = () => { if (menu) menu.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  document.addEventListener("click", (event) => {
    const inside = event.target.closest("header details");
    for (const one of document.querySelectorAll("header details[open]")) {
      const stays = one === inside || (one === menu && wide.matches);
      if (!stays) one.removeAttribute("open");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.person[open]")
      || (!wide.matches && document.querySelector("details.menu[open]"));
    if (open) { open.removeAttribute("open"); open.querySelector("summary").focus(); }
  });
}

document.addEventListener("DOMContentLoaded", () => {
  here(document);
  tick();
  setInterval(tick, 1000);
  follow();
  menus();
});
document.addEventListener("htmx:afterSwap", (event) => { here(event.target); tick(); });
document.addEventListener("htmx:beforeSwap", (event) => {
  // Errors are parts of pages with words for people: they are shown.
  if (event.detail.xhr.status >= 400) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
