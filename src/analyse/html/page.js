// SPDX-License-Identifier: MIT
"use strict";
(function () {

const logs = JSON.parse(document.getElementById("data").textContent);
const app = document.getElementById("app");

// Columns that are bytes; other numbers are counts, seconds or lines.
const BYTES = new Set(["bytes", "net", "grown", "released", "left", "at_peak",
	"allocated", "temporary", "rss", "own_bytes", "retained", "change",
	"size", "mapped", "old_bytes", "new_bytes"]);
const SHARES = [["pymalloc_used", "objects in use"],
	["malloc_used", "native memory in use"],
	["pymalloc_free", "free in Python's allocator"],
	["malloc_free", "free in the C library"], ["other", "other"],
	["files", "files"], ["shared", "shared"]];
const TITLES = {own_lines: "By own line", lines: "By line",
	functions: "By function", paths: "By call path", files: "By file",
	groups: "Alive at the end", compared: "What changed", steps: "The biggest steps",
	holders: "The biggest holders", messages: "Messages", types: "By type", threads: "By thread"};

let shown = 0;		// which log
let range = null;	// clocks between which things are of interest

// An element; names of the log only ever become text.
function make(tag, attributes, ...children) {
	const svg = ["svg", "path", "rect", "line", "title"].includes(tag);
	const element = svg ?
		document.createElementNS("http://www.w3.org/2000/svg", tag) :
		document.createElement(tag);

	for (const [name, value] of Object.entries(attributes || {}))
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (value !== null && value !== false)
			element.setAttribute(name, value === true ? "" : value);
	element.append(...children.filter((child) => child !== null));
	return element;
}

function size(bytes) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let n = Math.abs(bytes), i = 0;

	while (n >= 1024 && i < units.length - 1) {
		n /= 1024;
		i++;
	}
	return (bytes < 0 ? "-" : "") +
		(i === 0 || n >= 100 ? n.toFixed(0) : n.toFixed(1)) +
		" " + units[i];
}

function signed(text, value) {
	return value > 0 ? "+" + text : text;
}

function count(n) {
	return Number.isInteger(n) ? n.toLocaleString("en") : n.toFixed(3);
}

function place(row) {
	const file = row.file ? row.file.split("/").slice(-2).join("/") : "";

	return [file + (file && row.line ? ":" + row.line : ""),
		row.function || ""].filter((part) => part).join(" ");
}

// How the RSS went: [clock, low, high] of a profile, or notes of moments.
function curve(log) {
	if (log.curve && log.curve.length > 0)
		return log.curve.map((p) => [p[0], p[1],
			p.length > 2 ? p[2] : p[1]]);
	if (log.rss_history) {
		const [first, last] = log.clock;
		const n = log.rss_history.length;

		return log.rss_history.map((rss, i) =>
			[first + (last - first) * (i + 1) / n, rss, rss]);
	}
	return [];
}

function section(title, ...children) {
	return make("section", {}, make("h2", {}, title), ...children);
}

function memory(log) {
	if (!log.memory)
		return null;
	const grid = make("div", {class: "shares"});
	const most = Math.max(...["start", "peak", "end"].map(
		(when) => log.memory[when].rss));

	for (const when of ["start", "peak", "end"]) {
		const moment = log.memory[when];
		const whole = make("div", {class: "whole",
			style: "width:" + 100 * moment.rss / most + "%"});

		SHARES.forEach(([key, name], i) => {
			if (moment[key] > 0)
				whole.append(make("div", {class: "share" + i,
					style: "flex:" + moment[key],
					title: name + ": " +
						size(moment[key])}));
		});
		grid.append(make("span", {}, when), whole,
			make("span", {class: "size"}, size(moment.rss)));
	}
	const end = log.memory.end;
	const legend = make("div", {class: "legend"}, ...SHARES.map(
		([key, name], i) => end[key] > 0 || log.memory.peak[key] > 0 ?
			make("span", {}, make("i", {class: "share" + i}),
				name + " " + size(end[key])) : null));

	return section("Where the memory is", grid, legend);
}

function timeline(log, changed) {
	const points = curve(log);

	if (points.length < 2)
		return null;
	const first = points[0][0];
	const last = Math.max(log.clock[1], points[points.length - 1][0]);
	const most = Math.max(...points.map((p) => p[2])) || 1;
	const x = (clock) => 1000 * (clock - first) / (last - first || 1);
	const y = (rss) => 180 - 170 * rss / most;
	const upper = points.map((p) => x(p[0]) + "," + y(p[2])).join("L");
	const lower = points.map((p) => x(p[0]) + "," + y(p[1]))
		.reverse().join("L");
	const end = y(points[points.length - 1][1]);
	const svg = make("svg", {class: "time", viewBox: "0 0 1000 180",
		preserveAspectRatio: "none", role: "img",
		"aria-label": "Resident memory over time, up to " +
			size(most)},
		make("path", {class: "area", d: "M" + x(first) + ",180L" +
			upper + "L1000," + end + "L1000,180Z"}),
		make("path", {class: "curve", d: "M" + upper + "L1000," +
			end}));
	const band = make("path", {class: "area", d: "M" + upper + "L" +
		lower + "Z"});
	const brush = make("rect", {class: "window", y: 0, height: 180,
		x: 0, width: 0});
	const told = make("span", {class: "faint", id: "window"});
	const from = make("input", {type: "range", min: 0, max: 1000,
		value: 0, "aria-label": "From"});
	const to = make("input", {type: "range", min: 0, max: 1000,
		value: 1000, "aria-label": "To"});

	for (const message of log.messages || [])
		svg.append(make("line", {class: "mark", x1: x(message.clock),
			x2: x(message.clock), y1: 0, y2: 180},
			make("title", {}, message.text)));
	svg.append(band, brush);

	function set(a, b) {
		const low = Math.max(0, Math.min(a, b));
		const high = Math.min(1000, Math.max(a, b));
		const all = high - low >= 1000 || high - low < 2;

		range = all ? null : [first + (last - first) * low / 1000,
			first + (last - first) * high / 1000];
		brush.setAttribute("x", low);
		brush.setAttribute("width", all ? 0 : high - low);
		from.value = all ? 0 : low;
		to.value = all ? 1000 : high;
		told.textContent = all ? "Drag over the curve, or use the " +
			"sliders, to look at a part of it." :
			"From " + range[0].toFixed(3) + " s to " +
			range[1].toFixed(3) + " s";
		changed();
	}

	function where(event) {
		const box = svg.getBoundingClientRect();

		return 1000 * (event.clientX - box.left) / box.width;
	}

	let begun = null;

	svg.addEventListener("pointerdown", (event) => {
		begun = where(event);
		svg.setPointerCapture(event.pointerId);
	});
	svg.addEventListener("pointermove", (event) => {
		if (begun !== null)
			set(begun, where(event));
	});
	svg.addEventListener("pointerup", (event) => {
		if (begun !== null)
			set(begun, where(event));
		begun = null;
	});
	for (const slider of [from, to])
		slider.addEventListener("input",
			() => set(Number(from.value), Number(to.value)));
	set(0, 1000);
	return section("Resident memory over time, up to " + size(most), svg,
		make("div", {class: "axis faint"},
			make("span", {}, first.toFixed(3) + " s"),
			make("span", {}, last.toFixed(3) + " s of CPU time")),
		make("div", {class: "bar"}, from, to,
			make("button", {onclick: () => set(0, 1000)}, "All"),
			told));
}

function spark(history) {
	const least = Math.min(...history, 0);
	const most = Math.max(...history, least + 1);
	const d = history.map((n, i) => (i ? "L" : "M") +
		(90 * i / (history.length - 1 || 1)).toFixed(1) + "," +
		(19 - 18 * (n - least) / (most - least)).toFixed(1)).join("");

	return make("svg", {class: "spark", viewBox: "0 0 90 20"},
		make("path", {d}));
}

// What a series of values, spread evenly over the log, rose by in the range.
function rise(log, history) {
	const [first, last] = log.clock;
	const at = (clock) => clock <= first ? 0 :
		history[Math.max(0, Math.min(history.length - 1,
			Math.ceil(history.length * (clock - first) /
				(last - first || 1)) - 1))];

	if (range === null)
		return history[history.length - 1] - history[0];
	return at(range[1]) - at(range[0]);
}

// Groups of objects tell how many there were, code by what it changed RSS.
function showRise(row, value) {
	return signed(row.net === undefined ? count(value) : size(value),
		value);
}

// {title, number: is it one, value(row), show(row)} for what the rows have.
function columnsOf(rows, log) {
	const has = (key) => rows.some((row) => row[key] !== undefined &&
		row[key] !== null);
	const columns = [];

	if (has("type"))
		columns.push({title: "Type", value: (row) => row.type || "",
			show: (row) => make("span", row.growing ?
				{class: "grows", title: "growing"} : {},
				row.type || "")});
	if (has("file") || has("function"))
		columns.push({title: "Place", value: place, show: showPlace});
	if (has("path"))
		columns.push({title: "Path",
			value: (row) => showPath(row.path),
			show: (row) => showPath(row.path)});
	if (has("text"))
		columns.push({title: "Text", value: (row) => row.text || "",
			show: (row) => row.text || ""});
	if (has("before"))
		columns.push({title: "From", value: (row) => place(row.before),
			show: (row) => showPlace(row.before)},
			{title: "To", value: (row) => place(row.after),
			show: (row) => showPlace(row.after)});
	if (has("history"))
		columns.push({title: range === null ? "Over time" :
			"Rise in range", number: true,
			value: (row) => row.history ? rise(log, row.history) : 0,
			show: (row) => row.history ? make("span", {},
				spark(row.history), range === null ? "" : " " +
				showRise(row, rise(log, row.history))) : ""});
	for (const key of Object.keys(rows[0] || {}))
		if (rows.every((row) => row[key] === undefined ||
				typeof row[key] === "number") &&
				!["line", "address"].includes(key))
			columns.push(numberColumn(key));
	return columns;
}

function showPath(path) {
	return Array.isArray(path) ? path.map((step) =>
		typeof step === "string" ? step : place(step)).join(" > ") :
		String(path);
}

function showPlace(row) {
	const held = row.held || row.holders;

	return make("span", {title: row.file || ""}, place(row),
		row.own && row.own.file && (row.own.file !== row.file ||
				row.own.line !== row.line) ?
			make("span", {class: "held"}, "for " +
				place(row.own)) : null,
		row.source ? make("code", {}, row.source.trim()) : null,
		...(Array.isArray(held) ? held : []).slice(0, 3).map((one) =>
			make("span", {class: "held"}, "held by " +
				(typeof one === "string" ? one :
					(one.count !== undefined ?
						count(one.count) + " by " : "") +
					(one.path || one.by || one.text ||
						JSON.stringify(one))))));
}

function numberColumn(key) {
	const delta = ["net", "change", "rise"].includes(key);

	return {title: key.replace(/_/g, " "), number: true, key,
		value: (row) => row[key] === undefined ? 0 : row[key],
		show: (row) => {
			const value = row[key];

			if (value === undefined)
				return "";
			const text = BYTES.has(key) ? size(value) :
				count(value);

			return make("span", delta && value !== 0 ?
				{class: value > 0 ? "up" : "down"} : {},
				delta ? signed(text, value) : text);
		}};
}

function inRange(row) {
	if (range === null || row.after === undefined &&
			(row.clock === undefined || row.file))
		return true;
	const clock = row.after ? row.after.clock : row.clock;

	return clock >= range[0] && clock <= range[1];
}

// A table that can be sorted and searched; null if there are no such rows.
function table(log, key, redraws) {
	const rows = log[key];

	if (!Array.isArray(rows) || rows.length === 0 ||
			typeof rows[0] !== "object" || Array.isArray(rows[0]))
		return null;
	const body = make("tbody"), head = make("tr");
	const search = make("input", {type: "search",
		placeholder: "Search", "aria-label": "Search " + key});
	const told = make("span", {class: "faint"});
	let order = null, down = true;

	function draw() {
		const columns = columnsOf(rows, log);
		const wanted = search.value.toLowerCase();
		const list = rows.filter((row) => inRange(row) &&
			JSON.stringify(row).toLowerCase().includes(wanted));
		const by = columns.find((column) => column.title === order) ||
			(range !== null ? columns.find((column) =>
				column.title === "Rise in range") : null);

		if (by)
			list.sort((a, b) => {
				const x = by.value(a), y = by.value(b);

				return (x < y ? -1 : x > y ? 1 : 0) *
					(down ? -1 : 1);
			});
		head.replaceChildren(...columns.map((column) => make("th",
			{class: column.number ? "number" : null, "aria-sort":
				column === by ? down ? "descending" :
					"ascending" : null},
			make("button", {onclick: () => {
				down = order === column.title ? !down :
					Boolean(column.number);
				order = column.title;
				draw();
			}}, column.title))));
		body.replaceChildren(...list.map((row) => make("tr", {},
			...columns.map((column) => make("td", {class:
				column.number ? "number" : "text"},
				column.show(row))))));
		told.textContent = list.length === rows.length ?
			count(rows.length) + " rows" :
			count(list.length) + " of " + count(rows.length) +
			" rows";
	}

	search.addEventListener("input", draw);
	redraws.push(draw);
	draw();
	return section(TITLES[key] || key.replace(/_/g, " "),
		make("div", {class: "bar"}, search, told),
		make("div", {class: "scroll"}, make("table", {},
			make("thead", {}, head), body)));
}

function kindOf(file) {
	if (!file)
		return "";
	return /^<|\/(site|dist)-packages\/|\/lib\/python3/.test(file) ?
		"lib" : "own";
}

function flame(log) {
	const stacks = log.call_paths;

	if (!stacks || stacks.nodes.length < 2)
		return null;
	const nodes = stacks.nodes, n = nodes.length;
	const box = make("div", {class: "flame", role: "tree",
		"aria-label": "Call paths"});
	const told = make("div", {class: "faint"}, "\u00a0");
	const search = make("input", {type: "search", placeholder: "Search",
		"aria-label": "Search call paths"});
	const measure = make("select", {"aria-label": "Measure"},
		...stacks.measures.map(([name], i) => make("option",
			{value: i, selected: i === stacks.chosen}, name)));
	const turn = make("button", {"aria-pressed": "false"}, "Icicle");
	let zoom = 0;

	function frameOf(i) {
		return i === 0 ? ["all", null, 0] :
			stacks.frames[nodes[i][1]];
	}

	function name(i) {
		const [text, file, line] = frameOf(i);

		return text + (file ? " (" + place({file, line}) + ")" : "");
	}

	function totals(m) {
		const sums = new Float64Array(n);

		for (let i = n - 1; i >= 0; i--) {
			sums[i] += nodes[i][2 + m];
			if (i > 0)
				sums[nodes[i][0]] += sums[i];
		}
		return sums;
	}

	function show(value, m) {
		return stacks.measures[m][1] === "bytes" ? size(value) :
			count(value);
	}

	function draw() {
		const m = Number(measure.value), sums = totals(m);
		const left = new Float64Array(n), next = new Float64Array(n);
		const depth = new Int32Array(n).fill(-1);
		const within = new Uint8Array(n), above = new Uint8Array(n);
		const down = turn.getAttribute("aria-pressed") === "true";
		const wanted = search.value.toLowerCase();
		const whole = sums[zoom] || 1, boxes = [];
		let deepest = 0, found = 0;

		for (let i = zoom; i !== 0; i = nodes[i][0])
			above[nodes[i][0]] = 1;
		for (let i = 0; i < n; i++) {
			const caller = nodes[i][0];

			within[i] = i === zoom || (i > 0 && within[caller]);
			if (i > 0 && i !== zoom) {
				left[i] = next[caller];
				next[caller] += sums[i];
				next[i] = left[i];
			} else {
				next[i] = 0;
			}
			depth[i] = i === 0 ? 0 : depth[caller] + 1;
			if (sums[i] === 0 || !(within[i] || above[i]) ||
					(within[i] && sums[i] / whole < 0.0007))
				continue;
			deepest = Math.max(deepest, depth[i]);
			boxes.push(i);
		}
		box.style.height = (deepest + 1) * 18 + "px";
		box.replaceChildren(...boxes.map((i) => {
			const hit = wanted !== "" &&
				name(i).toLowerCase().includes(wanted);
			const [text, file] = frameOf(i);
			const label = name(i) + ": " + show(sums[i], m) +
				", " + (100 * sums[i] / (sums[0] || 1))
				.toFixed(1) + "%";

			found += hit ? 1 : 0;
			return make("div", {class: (i === 0 ? "" :
				kindOf(file)) + (hit ? " hit" : "") +
				(above[i] ? " dim" : ""),
				style: "left:" + (above[i] ? 0 : 100 *
					left[i] / whole) + "%;width:" +
					(above[i] ? 100 : 100 * sums[i] /
					whole) + "%;top:" + 18 * (down ?
					depth[i] : deepest - depth[i]) + "px",
				title: label, role: "treeitem", tabindex: 0,
				onmouseover: () => {
					told.textContent = label;
				},
				onfocus: () => {
					told.textContent = label;
				},
				onclick: () => {
					zoom = i;
					draw();
				},
				onkeydown: (event) => {
					if (event.key === "Enter") {
						zoom = i;
						draw();
					} else if (event.key === "Escape") {
						zoom = 0;
						draw();
					}
				}}, text);
		}));
		if (wanted !== "")
			told.textContent = count(found) + " boxes match";
	}

	measure.addEventListener("change", draw);
	search.addEventListener("input", draw);
	turn.addEventListener("click", () => {
		turn.setAttribute("aria-pressed", String(
			turn.getAttribute("aria-pressed") !== "true"));
		draw();
	});
	draw();
	return section("Call paths", make("div", {class: "bar"}, measure, turn,
		search, make("button", {onclick: () => {
			zoom = 0;
			draw();
		}}, "Whole"), make("span", {class: "faint"},
			"Orange: the program's own code; blue: Python's " +
			"and packages'; grey: C.")), box, told);
}

// Holders of holders, each behind the one that holds it.
function flatten(list, depth) {
	return list.flatMap((one) => [Object.assign({}, one, {
		path: "\u2003".repeat(depth) + one.path, holds: undefined}),
		...flatten(one.holds || [], depth + 1)]);
}

function draw() {
	const log = logs[shown], redraws = [];
	const parts = [memory(log)];
	const changed = () => redraws.forEach((redraw) => redraw());

	range = null;
	parts.push(timeline(log, changed), flame(log));
	for (const key of Object.keys(log))
		if (key !== "problems" && key !== "curve")
			parts.push(table(log, key, redraws));
	parts.push(table(log, "problems", redraws));
	app.replaceChildren(...parts.filter((part) => part !== null));
	document.querySelectorAll(".report").forEach((report, i) => {
		report.hidden = i !== shown;
	});
	document.querySelectorAll("#logs button").forEach((button, i) => {
		button.setAttribute("aria-pressed", String(i === shown));
	});
}

for (const log of logs)
	if (log.holders)
		log.holders = flatten(log.holders, 0);
if (logs.length > 1)
	document.getElementById("logs").append(...logs.map((log, i) =>
		make("button", {onclick: () => {
			shown = i;
			draw();
			history.replaceState(null, "", "#" + (i + 1));
		}}, log.file)));
if (logs.length > 0) {
	document.title = logs[0].file + " \u2013 where memory goes";
	app.hidden = false;
	shown = Math.min(Math.max(parseInt(location.hash.slice(1), 10) || 1,
		1), logs.length) - 1;
	draw();
}

})();
