// Exact times under the pointer or the arrow keys, and zoom. The page says everything without it.
"use strict";
document.documentElement.classList.add("script");
const scenes = JSON.parse(document.getElementById("data").textContent);
const NEAR_PIXELS = 12;

function sentences(scene, at, near) {
  const said = [`${at.toFixed(3)} s`];
  for (const vip of scene.vips) {
    const owners = vip.held.filter(([, from, to]) => from <= at && at < to).map(([host]) => host);
    const run = vip.answers.find(([, from, to]) => from <= at && at < to);
    const answer = run ? `, ${run[0] ?? "nobody"} answers` : "";
    said.push(`${vip.vip}: held by ${owners.join(" and ") || "nobody"}${answer}`);
    const sent = vip.requests.filter(([from]) => Math.abs(from - at) <= near);
    if (sent.length) {
      const [, wait, server, error] = sent.reduce((a, b) => (b[1] > a[1] ? b : a));
      const many = sent.length > 1 ? `${sent.length} requests, the longest` : "a request";
      said.push(`${many}: ${error ?? server} after ${wait.toFixed(3)} s`);
    }
  }
  for (const [when, letter, text] of scene.steps)
    if (Math.abs(when - at) <= near) said.push(`${letter}: ${text}`);
  const lines = scene.log.filter(([when, within]) => when - near <= at && at <= when + (within >= 1 ? within : 0) + near);
  for (const [, , host, text] of lines.slice(0, 4)) said.push(`${host}: ${text}`);
  if (lines.length > 4) said.push(`and ${lines.length - 4} lines more`);
  return said.join("\n");
}

for (const plot of document.querySelectorAll(".plot")) {
  const scene = scenes[plot.dataset.scene];
  const article = plot.closest("article");
  const lanes = plot.querySelector(".lanes");
  const drawing = lanes.querySelector("svg");
  const cursor = plot.querySelector(".cursor");
  const tip = plot.querySelector(".tip");
  let now = 0;

  function point(at, show) {
    now = Math.min(Math.max(at, 0), scene.seconds);
    const width = drawing.clientWidth;
    const x = (now / scene.seconds) * width;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    plot.classList.add("pointed");
    if (!show) return;
    tip.textContent = sentences(scene, now, (NEAR_PIXELS / width) * scene.seconds);
    tip.hidden = false;
    const left = drawing.getBoundingClientRect().left - plot.getBoundingClientRect().left + x;
    const room = plot.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, left + 14 <= room ? left + 14 : Math.min(room, left - tip.offsetWidth - 14))}px`;
  }
  function leave() {
    plot.classList.remove("pointed");
    tip.hidden = true;
  }
  lanes.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    point(((event.clientX - box.left) / box.width) * scene.seconds, true);
  });
  lanes.addEventListener("pointerleave", leave);
  lanes.addEventListener("blur", leave);
  lanes.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") leave();
    if (!step) return;
    event.preventDefault();
    point(now + step * (scene.seconds / drawing.clientWidth) * (event.shiftKey ? 20 : 2), true);
    const x = (now / scene.seconds) * drawing.clientWidth;
    if (x < lanes.scrollLeft || x > lanes.scrollLeft + lanes.clientWidth) lanes.scrollLeft = x - lanes.clientWidth / 2;
  });
  // A row of a list points at its instant, so that cause and drawing are read together.
  for (const row of article.querySelectorAll("[data-at]")) {
    row.addEventListener("pointerenter", () => {
      row.classList.add("now");
      point(Number(row.dataset.at), false);
    });
    row.addEventListener("pointerleave", () => {
      row.classList.remove("now");
      leave();
    });
  }
  for (const button of article.querySelectorAll("[data-zoom]"))
    button.addEventListener("click", () => {
      const middle = (lanes.scrollLeft + lanes.clientWidth / 2) / drawing.clientWidth;
      const factor = Number(button.dataset.zoom);
      drawing.setAttribute("width", `${factor * 100}%`);
      lanes.toggleAttribute("data-zoomed", factor > 1);
      lanes.scrollLeft = middle * drawing.clientWidth - lanes.clientWidth / 2;
      for (const other of article.querySelectorAll("[data-zoom]"))
        other.setAttribute("aria-pressed", String(other === button));
    });
}
// Paper cannot be clicked: tables are printed open, and closed again afterwards if they were.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    part.open = true;
    addEventListener("afterprint", () => (part.open = false), { once: true });
  }
});
