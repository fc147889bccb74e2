// A case: what is typed and not yet sent outlives a reload, and signing in again in this window.
"use strict";

function fieldsOf(form) {
  return [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.type !== "submit");
}

function keep(form) {
  const typed = {};
  for (const one of fieldsOf(form)) {
    const now = one.type === "checkbox" ? one.checked : one.value;
    const first = one.type === "checkbox" ? one.defaultChecked : one.defaultValue;
    if (one.tagName !== "SELECT" && now !== first) typed[one.name] = now;
  }
  const key = "draft:" + form.dataset.draft;
  if (Object.keys(typed).length) sessionStorage.setItem(key, JSON.stringify(typed));
  else sessionStorage.removeItem(key);
}

function restore(form) {
  const kept = sessionStorage.getItem("draft:" + form.dataset.draft);
  if (!kept) return;
  for (const [name, value] of Object.entries(JSON.parse(kept))) {
    const one = form.elements.namedItem(name);
    if (!one || !("value" in one)) continue;
    if (one.type === "checkbox") one.checked = value; else one.value = value;
  }
  form.closest("details").open = true;
}

document.addEventListener("DOMContentLoaded", () => {
  const done = new URLSearchParams(location.search).get("done");
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (done && form.dataset.draft.endsWith(":" + done)) sessionStorage.removeItem("draft:" + form.dataset.draft);
    restore(form);
    form.addEventListener("input", () => keep(form));
  }
  if (done) {
    // A step that is not offered any more has no form to clear it by.
    const first = document.querySelector("form[data-draft]");
    if (first) {
      const start = first.dataset.draft.slice(0, first.dataset.draft.lastIndexOf(":") + 1);
      sessionStorage.removeItem("draft:" + start + done);
    }
  }
  const stale = document.getElementById("stale");
  document.body.addEventListener("changed", (event) => {
    const moved = event.detail.some(([id, sequence]) => id === stale.dataset.case && sequence > Number(stale.dataset.sequence));
    if (!moved || stale.firstChild) return;
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = stale.dataset.link;
    const words = document.createElement("p");
    words.className = "notice";
    words.append(stale.dataset.words + " ", link);
    stale.append(words);
  });
  const attempt = document.getElementById("attempt");
  if (attempt) attempt.focus();
});
