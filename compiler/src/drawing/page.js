"use strict";
// Moves the picture, finds tasks, and shows what the data say of a node or an edge. Texts are set as text only.
const data = JSON.parse(document.getElementById("data").textContent);
const words = JSON.parse(document.getElementById("words").textContent);
const canvas = document.getElementById("canvas");
const world = document.getElementById("world");
const details = document.getElementById("details");
const search = document.getElementById("search");
const hits = document.getElementById("hits");
const size = { w: Number(canvas.dataset.w), h: Number(canvas.dataset.h) };
const nodes = [...world.querySelectorAll(".node")];
const edges = [...world.querySelectorAll(".edge")];
const into = data.tasks.map(() => []);
const outOf = data.tasks.map(() => []);
data.edges.forEach((edge, i) => { into[edge.after].push(i); outOf[edge.before].push(i); });

// The view: scale, and where the origin of the picture is on the screen.
let scale = 1, left = 0, top_ = 0;
function show() {
  world.setAttribute("transform", `translate(${left} ${top_}) scale(${scale})`);
  canvas.classList.toggle("far", scale < 0.42);
}
function zoom(by, x, y) {
  const next = Math.min(4, Math.max(0.005, scale * by));
  left = x - (x - left) * (next / scale);
  top_ = y - (y - top_) * (next / scale);
  scale = next;
  show();
}
function middle() { return [canvas.clientWidth / 2, canvas.clientHeight / 2]; }
function fit() {
  const w = canvas.clientWidth, h = canvas.clientHeight;
  scale = Math.min(1.25, Math.min(w / size.w, h / size.h));
  left = (w - size.w * scale) / 2;
  top_ = Math.max(0, (h - size.h * scale) / 2);
  show();
}
function centre(n) {
  const box = nodes[n].querySelector("rect");
  const number = (name) => Number(box.getAttribute(name));
  scale = Math.max(scale, 0.8);
  // Details cover the right side.
  const w = canvas.clientWidth - (details.hidden || canvas.clientWidth < 800 ? 0 : 400);
  left = w / 2 - (number("x") + number("width") / 2) * scale;
  top_ = canvas.clientHeight / 2 - (number("y") + number("height") / 2) * scale;
  show();
}

function make(name, text, className) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}
function link(text, act) {
  const button = make("button", text, "link");
  button.addEventListener("click", act);
  return button;
}
// Names of files without the folders all of them are in.
const folders = data.tasks.map((task) => task.place.file.split("/").slice(0, -1));
let common = folders.length ? folders[0].length : 0;
for (const one of folders) {
  let same = 0;
  while (same < common && one[same] === folders[0][same]) same++;
  common = same;
}
function at(place) {
  const parts = place.file.split("/"), inside = parts.slice(0, common).every((part, i) => part === folders[0][i]);
  return `${(inside && parts.length > common ? parts.slice(common) : parts).join("/")}:${place.line}:${place.column}`;
}
function name(n) { const task = data.tasks[n]; return task.part ? `${task.label} (${task.part})` : task.label; }

function clear() {
  for (const element of world.querySelectorAll(".near, .chosen")) element.classList.remove("near", "chosen");
  canvas.classList.remove("picked");
}
function close() { clear(); details.hidden = true; }
function open(...content) {
  const button = make("button", "✕", "close");
  button.setAttribute("aria-label", "Close");
  button.addEventListener("click", close);
  details.replaceChildren(button, ...content);
  details.hidden = false;
  details.scrollTop = 0;
}
function listed(title, numbers, other, reads) {
  if (numbers.length === 0) return [];
  const list = make("ul");
  // Those that one line of a source names are told together.
  const lines = new Map();
  for (const i of numbers) {
    const { place, keyword } = data.edges[i], line = `${keyword} ${place.file}:${place.line}`;
    if (!lines.has(line)) lines.set(line, []);
    lines.get(line).push(i);
  }
  for (const group of lines.values()) {
    const item = make("li"), first = data.edges[group[0]];
    group.forEach((i, n) => {
      const edge = data.edges[i];
      if (n) item.append(make("span", ", ", "soft"));
      item.append(link(name(edge[other]), () => chooseNode(edge[other], true)));
    });
    item.append(make("span", ` ${reads} `, "soft"), link(first.keyword, () => chooseEdge(group[0])));
    item.append(make("pre", `${at(first.place)}  ${first.excerpt}`));
    list.append(item);
  }
  return [make("h3", `${title} (${numbers.length})`), list];
}
// Lines of a source without the space they have in common; the first has lost its own.
function evened(text) {
  const [first, ...rest] = text.split("\n");
  if (rest.length === 0) return text;
  const space = Math.min(...rest.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return ["", first, ...rest.map((line) => line.slice(space))].map((line, i) => (i ? `  ${line}` : line)).join("\n");
}
function chooseNode(n, move) {
  clear();
  const task = data.tasks[n];
  canvas.classList.add("picked");
  nodes[n].classList.add("chosen");
  for (const i of into[n]) { edges[i].classList.add("near"); nodes[data.edges[i].before].classList.add("near"); }
  for (const i of outOf[n]) { edges[i].classList.add("near"); nodes[data.edges[i].after].classList.add("near"); }
  const said = [];
  if (task.keywords.length) {
    said.push(make("h3", "Keywords"));
    for (const one of task.keywords.filter((one) => one.keyword !== "doc")) {
      const line = make("p");
      line.append(make("code", `${one.keyword}: ${evened(one.text)}`));
      said.push(line);
    }
  }
  open(
    make("h2", task.label),
    ...(task.part ? [make("p", `its ${task.part}, which runs by itself`)] : []),
    make("p", `number ${task.number} of the run order · module ${task.module}`, "soft"),
    ...task.builtins.map((one) => { const line = make("p"); line.append(make("code", one)); return line; }),
    make("p", `effect ${task.effect} · ${task.mode}`, "soft"),
    make("p", at(task.place), "soft"),
    ...(task.doc ? [make("p", task.doc, "doc")] : []),
    ...(task.cyclic ? [make("p", "It is one of several tasks that wait for each other.", "alarm")] : []),
    ...listed("Waits for", into[n], "before", "by"),
    ...listed("Is waited for by", outOf[n], "after", "by"),
    ...said,
  );
  if (move) centre(n);
}
function chooseEdge(i) {
  clear();
  const edge = data.edges[i];
  canvas.classList.add("picked");
  edges[i].classList.add("chosen");
  nodes[edge.before].classList.add("near");
  nodes[edge.after].classList.add("near");
  const after = make("p"), before = make("p");
  after.append(link(name(edge.after), () => chooseNode(edge.after, true)), make("span", " waits for", "soft"));
  before.append(link(name(edge.before), () => chooseNode(edge.before, true)));
  const self = edge.after === edge.before;
  open(make("h2", `Why ${name(edge.after)} waits`), after, before,
    make("h3", `Written as ${edge.keyword} at ${at(edge.place)}`), make("pre", edge.excerpt),
    ...(words[edge.keyword] ? [make("h3", `What ${edge.keyword} means`), make("p", words[edge.keyword])] : []),
    ...(edge.cyclic ? [make("p", self ? "It waits for itself." : "Both wait for each other.", "alarm")] : []));
}

// Search: marks what is found, and goes from one to the next.
let found = [], current = -1;
function find() {
  for (const element of world.querySelectorAll(".found")) element.classList.remove("found", "current");
  const words = search.value.trim().toLowerCase();
  found = words === "" ? [] : data.tasks.flatMap((task, n) => {
    const text = `${task.module}/${task.label} ${task.builtins.join(" ")}`.toLowerCase();
    return text.includes(words) ? [n] : [];
  });
  // What is called exactly so comes first.
  found.sort((a, b) => (data.tasks[b].label.toLowerCase() === words) - (data.tasks[a].label.toLowerCase() === words));
  for (const n of found) nodes[n].classList.add("found");
  current = -1;
  hits.textContent = words === "" ? "" : found.length === 0 ? "none" : `${found.length}`;
  if (found.length) step(1);
}
function step(by) {
  if (found.length === 0) return;
  if (current >= 0) nodes[found[current]].classList.remove("current");
  current = (current + by + found.length) % found.length;
  nodes[found[current]].classList.add("current");
  hits.textContent = `${current + 1}/${found.length}`;
  centre(found[current]);
}
search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    if (found.length) { if (event.altKey) chooseNode(found[current], true); else step(event.shiftKey ? -1 : 1); }
  } else if (event.key === "Escape") { search.value = ""; find(); canvas.focus(); }
});

// The mouse: drag to move, wheel to zoom; a press that does not move is a click.
let pressed = null;
const fingers = new Map();
canvas.addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, event);
  pressed = { x: event.clientX, y: event.clientY, moved: false };
});
canvas.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const other = [...fingers.values()].find((one) => one.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  const box = canvas.getBoundingClientRect();
  if (other) {
    const far = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY) || 1;
    zoom(far(event) / far(before), (event.clientX + other.clientX) / 2 - box.left,
      (event.clientY + other.clientY) / 2 - box.top);
    pressed.moved = true;
  } else {
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 4 && !pressed.moved) {
      pressed.moved = true;
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("moving");
    }
    if (pressed.moved) { left += event.clientX - before.clientX; top_ += event.clientY - before.clientY; show(); }
  }
});
for (const kind of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(kind, (event) => { fingers.delete(event.pointerId); canvas.classList.remove("moving"); });
}
canvas.addEventListener("click", (event) => {
  if (pressed && pressed.moved) return;
  const part = event.target.closest(".node, .edge");
  if (!part) close();
  else if (part.dataset.n !== undefined) chooseNode(Number(part.dataset.n));
  else chooseEdge(Number(part.dataset.e));
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), event.clientX - box.left,
    event.clientY - box.top);
}, { passive: false });

// The keyboard.
document.addEventListener("keydown", (event) => {
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  const far = event.shiftKey ? 300 : 80;
  const acts = {
    ArrowLeft: () => { left += far; show(); }, ArrowRight: () => { left -= far; show(); },
    ArrowUp: () => { top_ += far; show(); }, ArrowDown: () => { top_ -= far; show(); },
    "+": () => zoom(1.25, ...middle()), "=": () => zoom(1.25, ...middle()), "-": () => zoom(0.8, ...middle()),
    "0": fit, n: () => step(1), N: () => step(-1), "/": () => search.focus(), Escape: close,
  };
  const act = acts[event.key];
  if (act) { event.preventDefault(); act(); }
});
document.getElementById("fit").addEventListener("click", fit);
document.getElementById("plus").addEventListener("click", () => zoom(1.25, ...middle()));
document.getElementById("minus").addEventListener("click", () => zoom(0.8, ...middle()));
fit();
// `page.html#task=label` opens a task.
const wanted = new URLSearchParams(location.hash.slice(1)).get("task");
const start = wanted === null ? -1 : data.tasks.findIndex((task) => task.label === wanted);
if (start >= 0) chooseNode(start, true);
