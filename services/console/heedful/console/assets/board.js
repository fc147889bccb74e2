// The board: keys, what is chosen, and a list that changes under one's hands without taking them.
"use strict";

const cases = () => [...document.querySelectorAll("#cases li.case")];
const box = (row) => row && row.querySelector("input[name=case]");
const current = () => document.activeElement && document.activeElement.closest("#cases li.case");

function typing(target) {
  return target.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog");
}

function move(by) {
  const rows = cases();
  if (!rows.length) return;
  const at = rows.indexOf(current());
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next].querySelector("a.title").focus();
  rows[next].scrollIntoView({block: "nearest"});
}

function count() {
  const chosen = document.querySelectorAll("#cases input[name=case]:checked").length;
  const mark = document.querySelector("[data-count]");
  if (mark) mark.textContent = mark.dataset.words.replace("{n}", chosen);
  const all = document.querySelector("[data-all]");
  if (!all) return;
  const boxes = document.querySelectorAll("#cases input[name=case]").length;
  all.checked = boxes > 0 && chosen === boxes;
  all.indeterminate = chosen > 0 && chosen < boxes;
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { const one = box(current()); if (one) { one.checked = !one.checked; count(); } },
  c: () => {
    const claim = document.querySelector("[data-claim]");
    const one = box(current());
    if (!claim) return;
    if (one && !document.querySelector("#cases input[name=case]:checked")) one.checked = true;
    claim.click();
  },
  "/": () => {
    const filters = document.getElementById("filters");
    filters.open = true;
    filters.querySelector("select, input:not([type=hidden])").focus();
  },
  "?": () => document.getElementById("keys").showModal(),
};

// Who speaks to the machine, or has no steady hand, turns them off (WCAG 2.2, 2.1.4).
const keysAreOn = () => localStorage.getItem("keys") !== "off";

document.addEventListener("keydown", (event) => {
  if (!keysAreOn()) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const act = KEYS[event.key];
  if (!act || typing(event.target)) return;
  event.preventDefault();
  act();
});

// Rows that are as they were stay the nodes that they are: focus, ticks and marked text live on.
function merge(holder, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html; // Made by this site's templates, which escape; the CSP runs no script.
  const before = new Map(cases().map((row) => [row.dataset.id, row]));
  const held = current();
  const heldAt = cases().indexOf(held);
  const focused = document.activeElement;
  const ticked = new Set([...document.querySelectorAll("#cases input[name=case]:checked")].map((one) => one.closest("li.case").dataset.id));
  const news = [];
  const list = holder.querySelector("ol.cases");
  const next = fresh.querySelector("ol.cases");
  if (list && next) {
    const rows = [...next.children].map((row) => {
      const old = before.get(row.dataset.id);
      if (!old) { news.push(row); row.classList.add("fresh"); return row; }
      if (old.dataset.version === row.dataset.version) return old;
      if (ticked.has(row.dataset.id)) box(row).checked = true;
      return row;
    });
    const stay = new Set(rows);
    for (const row of [...list.children]) if (!stay.has(row)) row.remove();
    rows.forEach((row, at) => { if (list.children[at] !== row) list.insertBefore(row, list.children[at] || null); });
    const pages = holder.querySelector("nav.pages");
    if (pages) pages.remove();
    const further = fresh.querySelector("nav.pages");
    if (further) holder.append(further);
  } else {
    news.push(...fresh.querySelectorAll("li.case"));
    holder.replaceChildren(...fresh.childNodes);
  }
  if (held && document.activeElement !== focused) {
    const same = cases().find((row) => row.dataset.id === held.dataset.id);
    const row = same || cases()[Math.min(heldAt, cases().length - 1)];
    const target = row && (focused.matches("input") && same ? box(row) : row.querySelector("a.title"));
    if (target) target.focus({preventScroll: true});
  }
  tick();
  count();
  const reds = news.filter((row) => row.dataset.colour === "red");
  if (reds.length) {
    document.getElementById("said").textContent = holder.dataset.new + reds.map((row) => row.dataset.title).join(" · ");
  }
}

// In the background: a board that is left open keeps nobody signed in.
async function part(holder) {
  const answer = await fetch(holder.dataset.part, {headers: {"HX-Request": "true", "HX-Current-URL": location.href, "X-Background": "true"}});
  const away = answer.headers.get("HX-Redirect");
  if (away) { location.assign(away); return null; }
  return answer.ok ? answer.text() : null;
}

// What happens often is looked at together, and not while nobody looks.
function soon(milliseconds, act) {
  let waiting = null;
  return () => {
    if (waiting !== null) return;
    waiting = setTimeout(async () => {
      waiting = null;
      try { await act(); } catch { /* The next change asks again. */ }
    }, milliseconds);
  };
}

document.addEventListener("DOMContentLoaded", () => {
  const holder = document.getElementById("cases");
  const tiles = document.getElementById("figures");
  const list = soon(500, async () => { const html = await part(holder); if (html !== null) merge(holder, html); });
  // The console keeps figures for ten seconds: asked sooner, they would miss what has changed.
  const countAnew = async () => {
    const html = await part(tiles);
    if (html === null || tiles.contains(document.activeElement)) return;
    const along = tiles.querySelector(".tabs").scrollLeft;
    tiles.innerHTML = html;
    tiles.querySelector(".tabs").scrollLeft = along;
  };
  const figures = soon(11000, countAnew);
  if (tiles.querySelector("[data-loading]")) countAnew().catch(() => {});
  document.body.addEventListener("changed", () => { list(); figures(); });

  const wide = matchMedia("(min-width: 60rem)");
  const filters = document.getElementById("filters");
  const fit = () => { if (wide.matches) filters.open = true; };
  wide.addEventListener("change", fit);
  fit();

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      for (const one of document.querySelectorAll("#cases input[name=case]")) one.checked = event.target.checked;
    }
    count();
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.target && event.detail.target.id === "outcome") {
      for (const one of document.querySelectorAll("#cases input[name=case]:checked")) one.checked = false;
      count();
    }
  });
  for (const button of document.querySelectorAll("[data-keys]")) button.addEventListener("click", KEYS["?"]);
  const on = document.querySelector("[data-keys-on]");
  on.checked = keysAreOn();
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  const mark = document.querySelector("[data-live-mark]");
  document.body.addEventListener("live", (event) => {
    const text = mark.querySelector("[data-live-text]");
    mark.hidden = false;
    mark.classList.toggle("lost", event.detail === "lost");
    text.textContent = text.dataset[event.detail];
  });
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) tab.scrollIntoView({block: "nearest", inline: "center"});
  count();
});
