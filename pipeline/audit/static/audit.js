"use strict";

// Keys press the links and buttons of the page; without this script all of them work with tab and enter.
const LINKS = { j: "next", k: "previous", q: "queue", g: "group" };

function press(element) {
  if (!element) return false;
  element.focus();
  element.click();
  return true;
}

function focusRow(step) {
  const rows = [...document.querySelectorAll("a.row")];
  if (!rows.length) return false;
  const current = rows.indexOf(document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, current + step))].focus();
  return true;
}

function handleKey(key) {
  if (key === "?") return document.getElementById("keys").showModal(), true;
  if (key === "/") return document.getElementById("search")?.focus(), true;
  if (key === "f") return document.querySelector("#note, #figure-note")?.focus(), true;
  if (key === "p") return (location.href = "/preview"), true;
  if (key === "j" && focusRow(1)) return true;
  if (key === "k" && focusRow(-1)) return true;
  const linked = LINKS[key] && document.getElementById(LINKS[key]);
  if (linked) return press(linked);
  if (key === "q") return (location.href = "/"), true;
  // The key that opens the first pair decides nothing, so pressing it twice does no harm.
  if (key === "o") return press(document.getElementById("start"));
  return press(document.querySelector(`[data-key="${key}"]`));
}

let isSent = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isSent) return;
  if (document.getElementById("keys").open) return;
  const isTyping = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (isTyping) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && event.target.id === "note") {
      event.preventDefault();
      press(document.querySelector("button[value=flag]"));
    }
    return;
  }
  if (/^[a-z?/]$/.test(event.key) && handleKey(event.key)) event.preventDefault();
});

// A second press before the response arrives would decide on a pair that nobody has seen.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (isSent) event.preventDefault();
  isSent = true;
});
addEventListener("pageshow", () => (isSent = false));

const selectAll = document.getElementById("select-all");
if (selectAll) {
  selectAll.hidden = false;
  selectAll.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll("input[name=key][type=checkbox]")];
    const isOn = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = isOn;
  });
}

document.getElementById("keys-button")?.addEventListener("click", () => document.getElementById("keys").showModal());
