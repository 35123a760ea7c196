"use strict";
const report = JSON.parse(document.getElementById("data").textContent);
const byId = id => document.getElementById(id);
const COLORS = ["ok", "changed", "would-change", "failed", "blocked", "skipped", "not-reached"];
const WORDS = { "ok": "unchanged", "changed": "changed", "would-change": "would change", "failed": "failed", "blocked": "blocked", "skipped": "skipped", "not-reached": "not reached" };
const color = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const started = Date.parse(report.started);
const tasks = report.tasks;
const critical = new Set(report.timeline.critical);
const modules = new Set(tasks.map(task => task.module));
const name = task => modules.size > 1 ? task.module + "/" + task.label : task.label;

function el(tag, cls, text) {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined) node.textContent = text;
  return node;
}
function time(seconds) {
  if (seconds < 0.0005) return "< 1 ms";
  if (seconds < 1) return (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0) + " ms";
  if (seconds < 60) return seconds.toFixed(seconds < 10 ? 2 : 1) + " s";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes + " min " + Math.round(seconds % 60) + " s";
  return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
}
tasks.forEach(task => { task.from = Math.max(0, (Date.parse(task.started) - started) / 1000); });

// Head.
byId("name").textContent = report.bundle.name || "a bundle";
const pill = byId("outcome");
pill.textContent = report.mode + " " + report.outcome;
pill.classList.add(report.outcome);
byId("facts").textContent = [report.node && "on " + report.node, report.root_dir && "below " + report.root_dir,
  new Date(started).toLocaleString(), time(report.duration), report.scheduler + " scheduler",
  "bundle " + report.bundle.root.slice(0, 12)].filter(Boolean).join(" · ");
const chosen = new Set();
for (const outcome of COLORS) {
  const count = report.totals[outcome];
  if (!count) continue;
  const button = el("button");
  button.setAttribute("aria-pressed", "false");
  const dot = el("span", "dot");
  dot.style.background = "var(--" + outcome + ")";
  button.append(dot, count + " " + WORDS[outcome]);
  button.onclick = () => {
    if (!chosen.delete(outcome)) chosen.add(outcome);
    button.setAttribute("aria-pressed", String(chosen.has(outcome)));
    limit = STEP;
    list();
  };
  byId("totals").append(button);
}

// What went wrong.
const failed = tasks.filter(task => task.outcome === "failed");
byId("failures").hidden = !failed.length;
for (const task of failed.slice(0, 100)) {
  const item = el("li");
  const link = el("a", "", name(task));
  link.href = "#task-" + tasks.indexOf(task);
  const strong = el("strong");
  strong.append(link);
  item.append(strong);
  const at = (task.fault && task.fault.place) || task.place;
  item.append(el("span", "soft", "  " + [task.fault && task.fault.code, at && at.file + ":" + at.line + ":" + at.column,
    task.attempts > 1 && task.attempts + " attempts"].filter(Boolean).join(" · ")));
  item.append(el("pre", "", (task.fault && task.fault.message) || task.comment));
  const held = tasks.filter(other => other.outcome === "blocked" && other.because === task.label);
  if (held.length) item.append(el("p", "soft", "blocks " + held.map(name).join(", ")));
  byId("failures").querySelector("ul").append(item);
}

// Timeline.
const canvas = document.querySelector("canvas");
const pen = canvas.getContext("2d");
const lanes = report.timeline.lanes;
const ROW = lanes.length > 40 ? 14 : 26, HEAD = 24;
let total = Math.max(report.duration, ...lanes.flatMap(lane => lane.tasks.map(i => tasks[i].from + tasks[i].duration)), 1e-6);
let view = [0, total], margin = 0, hover = -1;
byId("timeline-section").hidden = !lanes.length;
byId("span").textContent = lanes.length === 1 ? "one lane" : lanes.length + " lanes";
for (const outcome of COLORS.filter(outcome => lanes.some(lane => lane.tasks.some(i => tasks[i].outcome === outcome)))) {
  const entry = el("span");
  const dot = el("span", "dot");
  dot.style.background = "var(--" + outcome + ")";
  entry.append(dot, WORDS[outcome]);
  byId("legend").append(entry);
}
{
  const entry = el("span");
  const dot = el("span", "dot");
  dot.style.cssText = "border:2px solid var(--critical)";
  entry.append(dot, "critical path");
  byId("legend").append(entry);
}
const x = seconds => margin + (seconds - view[0]) / (view[1] - view[0]) * (canvas.clientWidth - margin - 12);
const when = px => view[0] + (px - margin) / (canvas.clientWidth - margin - 12) * (view[1] - view[0]);
function box(lane, i) {
  const task = tasks[i], left = x(task.from);
  return [left, HEAD + lane * ROW + 3, Math.max(2, x(task.from + task.duration) - left), ROW - 6];
}
function draw() {
  const scale = devicePixelRatio || 1, width = canvas.clientWidth, height = HEAD + lanes.length * ROW + 6;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.height = height + "px";
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  margin = Math.min(width * 0.3, 24 + Math.max(...lanes.map(lane => pen.measureText(lane.name).width)));
  const span = view[1] - view[0];
  let step = Math.pow(10, Math.floor(Math.log10(span / 6)));
  for (const factor of [1, 2, 5, 10]) if (span / (step * factor) <= 8) { step *= factor; break; }
  pen.lineWidth = 1;
  lanes.forEach((lane, row) => {
    if (row % 2) { pen.fillStyle = color("band"); pen.fillRect(0, HEAD + row * ROW, width, ROW); }
  });
  for (let t = Math.ceil(view[0] / step) * step; t <= view[1]; t += step) {
    pen.strokeStyle = color("rim");
    pen.beginPath(); pen.moveTo(x(t), HEAD - 4); pen.lineTo(x(t), height); pen.stroke();
    pen.fillStyle = color("soft");
    if (x(t) < width - 48) pen.fillText(t === 0 ? "0" : time(t), x(t) + 3, 12);
  }
  pen.save();
  pen.beginPath(); pen.rect(margin, 0, width - margin, height); pen.clip();
  const places = new Map();
  lanes.forEach((lane, row) => {
    let painted = -1;
    for (const i of lane.tasks) {
      const [left, top, wide, high] = box(row, i);
      places.set(i, [left, top, wide, high]);
      if (left + wide < margin || left > width) continue;
      // Of many tasks on one pixel one is enough, but what failed and what is critical is always seen.
      const loud = critical.has(i) || tasks[i].outcome === "failed" || i === hover;
      if (wide <= 2 && Math.floor(left) === painted && !loud) continue;
      painted = Math.floor(left);
      pen.fillStyle = color(tasks[i].outcome);
      pen.beginPath(); pen.roundRect(left, top, wide, high, Math.min(3, wide / 2)); pen.fill();
      if (critical.has(i)) { pen.strokeStyle = color("critical"); pen.lineWidth = 2; pen.strokeRect(left + 1, top + 1, Math.max(1, wide - 2), high - 2); }
      if (i === hover) { pen.strokeStyle = color("accent"); pen.lineWidth = 2; pen.strokeRect(left - 1, top - 1, wide + 2, high + 2); }
      if (wide > 40 && ROW > 20) {
        pen.save(); pen.beginPath(); pen.rect(left, top, wide - 4, high); pen.clip();
        pen.fillStyle = color("box"); pen.fillText(tasks[i].label, Math.max(left, margin) + 6, top + high / 2 + 1); pen.restore();
      }
    }
  });
  pen.strokeStyle = color("critical"); pen.lineWidth = 1.5;
  report.timeline.critical.forEach((i, n, path) => {
    const from = places.get(path[n - 1]), to = places.get(i);
    if (!from || !to || from[1] === to[1]) return;
    const b = to[0], a = Math.min(from[0] + from[2], b);
    pen.beginPath(); pen.moveTo(a, from[1] + from[3] / 2); pen.bezierCurveTo(a + 10, from[1] + from[3] / 2, b - 10, to[1] + to[3] / 2, b, to[1] + to[3] / 2); pen.stroke();
  });
  pen.restore();
  lanes.forEach((lane, row) => {
    pen.fillStyle = color("ink");
    pen.save(); pen.beginPath(); pen.rect(0, 0, margin - 6, height); pen.clip();
    if (ROW > 20 || row % 2 === 0) pen.fillText(lane.name, 12, HEAD + row * ROW + ROW / 2);
    pen.restore();
  });
}
function zoom(factor, at) {
  const span = Math.min(total, Math.max(total / 1e6, (view[1] - view[0]) * factor));
  const share = (at - view[0]) / (view[1] - view[0]);
  let from = Math.max(0, Math.min(total - span, at - share * span));
  view = [from, from + span];
  draw();
}
byId("in").onclick = () => zoom(0.5, (view[0] + view[1]) / 2);
byId("out").onclick = () => zoom(2, (view[0] + view[1]) / 2);
byId("fit").onclick = () => { view = [0, total]; draw(); };
canvas.addEventListener("wheel", event => {
  if (!event.ctrlKey && !event.metaKey && Math.abs(event.deltaX) < Math.abs(event.deltaY)) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, when(event.offsetX));
  else move(event.deltaX);
}, { passive: false });
function move(pixels) {
  const span = view[1] - view[0], by = pixels / (canvas.clientWidth - margin) * span;
  const from = Math.max(0, Math.min(total - span, view[0] + by));
  view = [from, from + span];
  draw();
}
let drag = null;
canvas.onpointerdown = event => { drag = [event.clientX, event.clientX]; canvas.setPointerCapture(event.pointerId); canvas.classList.add("moving"); };
canvas.onpointerup = event => {
  canvas.classList.remove("moving");
  if (drag && Math.abs(event.clientX - drag[0]) < 4 && hover >= 0) show(hover);
  drag = null;
};
canvas.onpointermove = event => {
  if (drag) { move(drag[1] - event.clientX); drag[1] = event.clientX; return; }
  const row = Math.floor((event.offsetY - HEAD) / ROW), lane = lanes[row];
  let found = -1;
  if (lane && event.offsetX > margin) for (const i of lane.tasks) {
    const [left, , wide] = box(row, i);
    if (event.offsetX >= left - 2 && event.offsetX <= left + wide + 2) found = i;
  }
  if (found !== hover) { hover = found; draw(); }
  const tip = byId("tip");
  tip.hidden = found < 0;
  if (found >= 0) {
    const task = tasks[found];
    tip.textContent = name(task) + "\n" + WORDS[task.outcome] + " · " + time(task.duration) + " from " + time(task.from) +
      (task.attempts > 1 ? " · " + task.attempts + " attempts" : "") + (critical.has(found) ? "\non the critical path" : "");
    tip.style.left = Math.max(4, Math.min(event.offsetX + 12, canvas.clientWidth - tip.offsetWidth - 4)) + "px";
    tip.style.top = Math.min(event.offsetY + 14, canvas.clientHeight - 8) + "px";
  }
};
canvas.onpointerleave = () => { hover = -1; byId("tip").hidden = true; draw(); };
canvas.onkeydown = event => {
  const span = view[1] - view[0], middle = (view[0] + view[1]) / 2;
  if (event.key === "+") zoom(0.5, middle);
  else if (event.key === "-") zoom(2, middle);
  else if (event.key === "0") byId("fit").onclick();
  else if (event.key === "ArrowLeft") move(-60);
  else if (event.key === "ArrowRight") move(60);
  else return;
  event.preventDefault();
};
new ResizeObserver(draw).observe(byId("timeline"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

// Critical path.
const path = report.timeline.critical.map(i => [i, tasks[i]]);
const busy = path.reduce((sum, [, task]) => sum + task.duration, 0);
byId("critical-section").hidden = path.length < 2;
byId("critical-sum").textContent = path.length + " tasks, " + time(busy) + " of " + time(report.duration);
const longest = Math.max(...path.map(([, task]) => task.duration), 1e-9);
for (const [i, task] of path.slice(-200)) {
  const item = el("li");
  const link = el("a", "name", name(task));
  link.href = "#task-" + i;
  link.title = name(task);
  link.onclick = event => { event.preventDefault(); show(i); };
  const bar = el("span", "bar");
  bar.style.width = task.duration / longest * 100 + "%";
  bar.style.background = "var(--" + task.outcome + ")";
  item.append(link, bar, el("span", "number soft", time(task.duration)));
  byId("critical").append(item);
}

// Tasks.
const STEP = 200;
let limit = STEP;
function said(task) {
  const words = [];
  if (task.fault) words.push(task.fault.message.split("\n")[0]);
  if (task.because) words.push(task.reason.replaceAll("-", " ") + ": " + (task.keyword ? task.keyword + " " : "") + task.because);
  else if (task.reason !== "ran") words.push(task.reason.replaceAll("-", " "));
  if (task.comment) words.push(task.comment);
  return words.join("; ");
}
function difference(text) {
  const pre = el("pre");
  for (const line of text.split("\n")) {
    const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : line.startsWith("@") ? "at" : "";
    pre.append(el("span", kind, line + "\n"));
  }
  return pre;
}
function row(i) {
  const task = tasks[i], line = el("tr");
  line.id = "task-" + i;
  const first = el("td", "task", name(task));
  if (task.place) first.append(el("br"), el("span", "soft", task.place.file + ":" + task.place.line));
  const outcome = el("td", "outcome");
  const dot = el("span", "dot");
  dot.style.background = "var(--" + task.outcome + ")";
  outcome.append(dot, WORDS[task.outcome]);
  const what = el("td", "what", said(task));
  // An object once, with everything that was done to it.
  const objects = new Map();
  for (const change of task.changes) {
    if (!objects.has(change.object)) objects.set(change.object, []);
    objects.get(change.object).push(change);
  }
  for (const [object, changes] of [...objects].slice(0, 50)) {
    const detail = changes.filter(change => change.property).map(change =>
      change.property + (change.before !== null && change.after !== null && !change.diff ? ": " + change.before + " → " + change.after : ""));
    const text = changes[0].kind + " " + object + (detail.length ? " (" + detail.join(", ") + ")" : "");
    const diffs = changes.filter(change => change.diff);
    if (diffs.length) {
      const details = el("details");
      details.append(el("summary", "", text), ...diffs.map(change => difference(change.diff)));
      what.append(details);
    } else what.append(el("div", "", text));
  }
  if (objects.size > 50) what.append(el("div", "soft", (objects.size - 50) + " more objects"));
  if (task.targets && task.targets.length) what.append(el("div", "soft", task.targets.slice(0, 20).map(t => t.keyword + " " + name(tasks[t.task])).join(", ")));
  line.append(first, outcome, el("td", "number", task.attempts ? time(task.from) : ""), el("td", "number", task.attempts ? time(task.duration) : ""), what);
  return line;
}
function list() {
  const words = byId("search").value.trim().toLowerCase();
  let all = tasks.map((_, i) => i).filter(i => !chosen.size || chosen.has(tasks[i].outcome));
  if (words) all = all.filter(i => (name(tasks[i]) + " " + said(tasks[i]) + " " + tasks[i].changes.map(c => c.object).join(" ")).toLowerCase().includes(words));
  if (byId("order").value === "slow") all.sort((a, b) => tasks[b].duration - tasks[a].duration);
  byId("tasks").replaceChildren(...all.slice(0, limit).map(row));
  byId("shown").textContent = all.length === tasks.length ? String(all.length) : all.length + " of " + tasks.length;
  const more = byId("more");
  more.hidden = all.length <= limit;
  more.textContent = "Show " + Math.min(STEP, all.length - limit) + " more";
}
function show(i) {
  if (!byId("task-" + i)) {
    chosen.clear();
    document.querySelectorAll("#totals button").forEach(button => button.setAttribute("aria-pressed", "false"));
    byId("search").value = "";
    byId("order").value = "run";
    limit = Math.max(limit, i + 1);
    list();
  }
  document.querySelectorAll("tr.chosen").forEach(line => line.classList.remove("chosen"));
  const line = byId("task-" + i);
  line.classList.add("chosen");
  line.scrollIntoView({ block: "center" });
}
byId("search").oninput = () => { limit = STEP; list(); };
byId("order").onchange = list;
byId("more").onclick = () => { limit += STEP; list(); };
list();
