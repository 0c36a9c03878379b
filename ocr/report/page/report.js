"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const element = (id) => document.getElementById(id);
// What is drawn: labels are dashed, detections are solid, errors are thick, and missed words are filled.
const LAYERS = [
  { key: "found", title: "label, found", colour: data.found, word: true },
  { key: "matched", title: "its detection", colour: data.found },
  ...data.kinds.map((kind) => ({ key: kind.name, title: kind.name, colour: kind.colour, hint: kind.meaning, error: true })),
  { key: "unread", title: "ignored label", colour: data.grey, word: true },
  { key: "rejected", title: "its detection", colour: data.grey },
];
const COLOURS = Object.fromEntries(LAYERS.map((layer) => [layer.key, layer.colour]));
const SORTS = {
  "worst CLEval": (image) => image.runs[0].cleval[2],
  "worst IoU": (image) => image.runs[0].iou[2],
  "most errors": (image) => -countErrors(image),
  name: (image) => image.name,
};
if (data.runs.length > 1) {
  SORTS["second worse, CLEval"] = (image) => image.runs[1].cleval[2] - image.runs[0].cleval[2];
  SORTS["second better, CLEval"] = (image) => image.runs[0].cleval[2] - image.runs[1].cleval[2];
  SORTS["second worse, IoU"] = (image) => image.runs[1].iou[2] - image.runs[0].iou[2];
  SORTS["second better, IoU"] = (image) => image.runs[0].iou[2] - image.runs[1].iou[2];
}

const kinds = new Set(); // that the gallery is filtered by; none: all images
let shown = []; // images in the gallery, in order
let place = -1; // of the open one among them
let frame = [0, 0, 1, 1]; // what the panes show of it: x, y, width, height in its pixels
let current = -1; // the error that was zoomed to
let scenes = []; // an <svg> for each run

// ---- elements

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "image", "polygon", "title"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function makePolygon(points, layer, hint, { word = false, error = false } = {}) {
  const attributes = { points: points.join(" "), stroke: COLOURS[layer], "data-layer": layer };
  attributes.class = [word ? "word" : "detection", error ? "error" : ""].join(" ").trim();
  const polygon = make("polygon", attributes);
  if (word && error) polygon.style.fill = COLOURS[layer];
  if (hint) polygon.append(make("title", {}, hint));
  return polygon;
}

// ---- what an image holds

function countErrors(image) {
  return image.runs.reduce((sum, run) => sum + run.missed.length + run.false.length, 0);
}

function kindsOf(image) {
  const found = new Set();
  for (const run of image.runs) for (const error of [...run.missed, ...run.false]) found.add(error[1]);
  return found;
}

function wordName(image, word) {
  return image.texts[word] || image.ids[word] || `word ${word + 1}`;
}

function listErrors(image, number) {
  const run = image.runs[number];
  const missed = run.missed.map(([word, kind, , partners]) => ({
    run: number,
    kind: data.kinds[kind].name,
    points: image.words[word],
    text: `missed: ${wordName(image, word)}` + (partners.length ? `, with ${partners.map((one) => wordName(image, one)).join(", ")}` : ""),
    word: true,
  }));
  const wrong = run.false.map(([detection, kind]) => ({
    run: number,
    kind: data.kinds[kind].name,
    points: run.detections[detection],
    text: "false" + (run.scores ? `, score ${run.scores[detection].toFixed(2)}` : ""),
    word: false,
  }));
  return [...missed, ...wrong];
}

// ---- gallery

function makeCard(image, position) {
  const scene = make("svg", { viewBox: `0 0 ${image.width} ${image.height}` });
  scene.dataset.position = position;
  const badges = make("span", { class: "badges" });
  data.kinds.forEach((kind, index) => {
    const count = [...image.runs[0].missed, ...image.runs[0].false].filter((error) => error[1] === index).length;
    if (count) badges.append(make("span", { title: kind.name }, make("span", { class: "swatch", style: `background: ${kind.colour}` }), String(count)));
  });
  const numbers = image.runs.map((run) => `CLEval ${run.cleval[2].toFixed(4)}  IoU ${run.iou[2].toFixed(4)}`);
  const card = make(
    "button",
    { class: "card", title: image.name },
    scene,
    make("span", { class: "name" }, image.name),
    ...numbers.map((text) => make("span", { class: "numbers" }, text)),
    badges,
  );
  card.addEventListener("click", () => open(position));
  return card;
}

// What is far from being seen is not drawn, and its image is not loaded.
const nearby = new IntersectionObserver(
  (entries) => {
    for (const { target: scene } of entries.filter((one) => one.isIntersecting)) {
      const image = shown[scene.dataset.position];
      scene.append(make("image", { width: image.width, height: image.height, preserveAspectRatio: "none", href: image.small }));
      for (const error of listErrors(image, 0)) scene.append(makePolygon(error.points, error.kind, "", { ...error, error: true }));
      nearby.unobserve(scene);
    }
  },
  { rootMargin: "600px" },
);

function fillGallery() {
  const query = element("search").value.trim().toLowerCase();
  const split = element("split").value;
  const order = SORTS[element("sort").value];
  shown = data.images.filter((image) => {
    const named = !query || image.name.toLowerCase().includes(query) || image.texts.some((text) => text.toLowerCase().includes(query));
    const present = kindsOf(image);
    return named && (!split || image.split === split) && (!kinds.size || [...kinds].some((kind) => present.has(kind)));
  });
  shown.sort((one, other) => {
    const [first, second] = [order(one), order(other)];
    return first < second ? -1 : first > second ? 1 : one.name < other.name ? -1 : 1;
  });
  nearby.disconnect();
  const cards = shown.map(makeCard);
  element("gallery").replaceChildren(...cards);
  for (const card of cards) nearby.observe(card.firstChild);
  element("count").textContent = `${shown.length} of ${data.images.length} images`;
}

function buildToolbar() {
  data.kinds.forEach((kind, index) => {
    const images = data.images.filter((image) => kindsOf(image).has(index)).length;
    const swatch = make("span", { class: "swatch", style: `background: ${kind.colour}` });
    const button = make("button", { "data-kind": kind.name, "aria-pressed": "false", title: `${kind.meaning}: ${images} images` }, swatch, `${kind.name} ${images}`);
    button.disabled = !images;
    button.addEventListener("click", () => {
      if (!kinds.delete(index)) kinds.add(index);
      button.setAttribute("aria-pressed", String(kinds.has(index)));
      fillGallery();
    });
    element("filters").append(button);
  });
  for (const name of Object.keys(SORTS)) element("sort").append(make("option", { value: name }, name));
  const splits = [...new Set(data.images.map((image) => image.split))];
  element("split").append(make("option", { value: "" }, "all"));
  for (const split of splits) element("split").append(make("option", { value: split }, split));
  element("split-label").hidden = splits.length < 2;
  for (const id of ["sort", "split", "search"]) element(id).addEventListener("input", fillGallery);
}

// ---- viewer

function open(position) {
  if (position < 0 || position >= shown.length) return;
  place = position;
  current = -1;
  const image = shown[place];
  const panes = image.runs.map((run, number) => makePane(image, run, number));
  scenes = panes.map((pane) => pane.firstChild);
  element("panes").replaceChildren(...panes);
  element("title").textContent = image.name;
  element("place").textContent = `${place + 1} of ${shown.length}` + (image.split ? `, ${image.split}` : "");
  element("fade-label").hidden = image.runs.every((run) => !run.map);
  element("viewer").hidden = false;
  listInPanel(image);
  zoomOut();
  hideLayers();
  fade();
  location.replace(`#${encodeURIComponent(image.name)}`);
  const next = shown[place + 1];
  if (next) new Image().src = next.large; // so that paging does not wait
}

function close() {
  element("viewer").hidden = true;
  const card = element("gallery").children[place];
  location.replace("#");
  if (card) card.focus();
}

function makePane(image, run, number) {
  const whole = { width: image.width, height: image.height, preserveAspectRatio: "none" };
  const scene = make("svg", {}, make("image", { ...whole, href: image.large }));
  if (run.map) scene.append(make("image", { ...whole, href: run.map, class: "map" }));
  const missed = new Map(run.missed.map(([word, kind]) => [word, data.kinds[kind].name]));
  const ignored = new Set(image.ignored);
  const label = (word) => {
    const layer = missed.get(word) || (ignored.has(word) ? "unread" : "found");
    return makePolygon(image.words[word], layer, `${wordName(image, word)} (${layer})`, { word: true, error: missed.has(word) });
  };
  const layers = new Map([
    ...run.matched.map(([, detection]) => [detection, "matched"]),
    ...run.rejected.map((detection) => [detection, "rejected"]),
    ...run.false.map(([detection, kind]) => [detection, data.kinds[kind].name]),
  ]);
  const detection = (index) => {
    const layer = layers.get(index) || "rejected";
    const score = run.scores ? `, score ${run.scores[index].toFixed(3)}` : "";
    return makePolygon(run.detections[index], layer, `detection ${index + 1} (${layer})${score}`, { error: layer in ERRORS });
  };
  const words = image.words.map((_, word) => label(word));
  const found = run.detections.map((_, index) => detection(index));
  const all = [...words, ...found];
  scene.append(...all.filter((one) => !one.classList.contains("error")), ...all.filter((one) => one.classList.contains("error")));
  listen(scene);
  const [, , cleval] = run.cleval;
  const said = `CLEval H ${cleval.toFixed(4)}, IoU H ${run.iou[2].toFixed(4)}, ${run.missed.length} missed, ${run.false.length} false`;
  const caption = make("figcaption", {}, data.runs.length > 1 ? `${data.runs[number]}: ${said}` : said);
  return make("figure", { class: "pane", style: "margin: 0" }, scene, caption);
}

const ERRORS = Object.fromEntries(data.kinds.map((kind) => [kind.name, true]));

function listInPanel(image) {
  const errors = image.runs.flatMap((_, number) => listErrors(image, number));
  const rows = errors.map((error, index) => {
    const swatch = make("span", { class: "swatch", style: `background: ${COLOURS[error.kind]}` });
    const run = data.runs.length > 1 ? `${error.run + 1}: ` : "";
    const text = `${run}${error.kind}, ${error.text}`;
    const button = make("button", { title: text }, swatch, text);
    button.addEventListener("click", () => zoomTo(index));
    return make("li", {}, button);
  });
  element("errors").replaceChildren(...rows);
}

function zoomTo(index) {
  const image = shown[place];
  const errors = image.runs.flatMap((_, number) => listErrors(image, number));
  if (!errors.length) return;
  current = (index + errors.length) % errors.length;
  const { points, run } = errors[current];
  const xs = points.filter((_, at) => at % 2 === 0);
  const ys = points.filter((_, at) => at % 2 === 1);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const side = Math.max(2 * (right - left), 6 * (bottom - top), 80);
  show([(left + right - side) / 2, (top + bottom - side) / 2, side, side]);
  element("errors").querySelectorAll("button").forEach((button, at) => {
    button.setAttribute("aria-current", String(at === current));
    if (at === current) button.scrollIntoView({ block: "nearest" });
  });
  for (const polygon of document.querySelectorAll("polygon.current")) polygon.classList.remove("current");
  const wanted = points.join(" ");
  for (const polygon of scenes[run].querySelectorAll("polygon.error")) {
    polygon.classList.toggle("current", polygon.getAttribute("points") === wanted);
  }
}

function show(box) {
  frame = box;
  for (const scene of scenes) scene.setAttribute("viewBox", frame.join(" "));
}

function zoomOut() {
  const image = shown[place];
  show([0, 0, image.width, image.height]);
}

function zoom(factor, [x, y] = [frame[0] + frame[2] / 2, frame[1] + frame[3] / 2]) {
  const image = shown[place];
  const limited = Math.min(Math.max(frame[2] * factor, 10), 4 * image.width) / frame[2];
  show([x - (x - frame[0]) * limited, y - (y - frame[1]) * limited, frame[2] * limited, frame[3] * limited]);
}

function listen(scene) {
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(scene.getScreenCTM().inverse());
    return [point.x, point.y];
  };
  let held = null;
  scene.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.max(-100, Math.min(100, event.deltaY)) / 400), at(event));
  }, { passive: false });
  scene.addEventListener("pointerdown", (event) => {
    scene.setPointerCapture(event.pointerId);
    held = at(event);
  });
  scene.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = at(event);
    show([frame[0] + held[0] - x, frame[1] + held[1] - y, frame[2], frame[3]]);
  });
  for (const end of ["pointerup", "pointercancel"]) scene.addEventListener(end, () => { held = null; });
  scene.addEventListener("dblclick", zoomOut);
}

function buildLegend() {
  for (const layer of LAYERS) {
    const sample = make("svg", { viewBox: "0 0 26 14" });
    const shape = makePolygon([2, 2, 24, 2, 24, 12, 2, 12], layer.key, "", { word: layer.word, error: layer.error });
    sample.append(shape);
    const box = make("input", { type: "checkbox", "data-key": layer.key });
    box.checked = true;
    box.addEventListener("change", hideLayers);
    element("legend").append(make("label", { title: layer.hint || layer.title }, box, sample, layer.title));
  }
}

function hideLayers() {
  const boxes = [...element("legend").querySelectorAll("input")];
  const hidden = new Set(boxes.filter((box) => !box.checked).map((box) => box.dataset.key));
  for (const scene of scenes) {
    for (const polygon of scene.querySelectorAll("polygon")) {
      polygon.style.display = hidden.has(polygon.dataset.layer) ? "none" : "";
    }
  }
}

function toggle(keys) {
  const boxes = keys.map((key) => element("legend").querySelector(`[data-key="${key}"]`));
  const on = boxes.some((box) => box.checked);
  for (const box of boxes) box.checked = !on;
  hideLayers();
}

function fade() {
  for (const map of document.querySelectorAll("image.map")) map.style.opacity = element("fade").value / 100;
}

function onKey(event) {
  if (element("viewer").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = {
    ArrowRight: () => open(place + 1),
    ArrowLeft: () => open(place - 1),
    Escape: close,
    "+": () => zoom(0.7),
    "-": () => zoom(1 / 0.7),
    0: zoomOut,
    e: () => zoomTo(current + 1),
    l: () => toggle(["found", "unread"]),
    d: () => toggle(["matched", "rejected"]),
    m: () => {
      element("fade").value = element("fade").value > 0 ? 0 : 60;
      fade();
    },
  };
  if (event.key in actions) {
    event.preventDefault();
    actions[event.key]();
  }
}

buildToolbar();
buildLegend();
fillGallery();
element("fade").addEventListener("input", fade);
element("fade").addEventListener("change", () => element("fade").blur()); // or the arrows would move it, not page
element("previous").addEventListener("click", () => open(place - 1));
element("next").addEventListener("click", () => open(place + 1));
element("close").addEventListener("click", close);
document.addEventListener("keydown", onKey);
const asked = decodeURIComponent(location.hash.slice(1));
if (asked) open(shown.findIndex((image) => image.name === asked));
