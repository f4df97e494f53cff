// SPDX-License-Identifier: MIT
// Call paths as boxes, each on the one that calls it, or that holds it.

const PATHS = {heap: "What holds the heap", reference: "Where objects were made"};

function kindOf(file) {
	if (!file)
		return "";
	return /^<|\/(site|dist)-packages\/|\/lib\/python3/.test(file) ?
		"lib" : "own";
}

// How much of a box is new, or gone, in four steps each.
function changeOf(now, former) {
	const part = Math.abs(now - former) / (Math.max(now, former) || 1);
	const step = part < 0.02 ? 0 : part < 0.25 ? 1 : part < 0.75 ? 2 : 3;

	return step === 0 ? "same" : (now > former ? "rose" : "fell") + step;
}

// The numbers of the paths of a log, in the range or in all of its time.
class Paths {
	constructor(log) {
		this.log = log;
		this.stacks = log.call_paths;
		this.nodes = this.stacks.nodes;
		this.count = this.nodes.length;
	}

	frame(i) {
		return i === 0 ? ["all", null, 0] :
			this.stacks.frames[this.nodes[i][1]];
	}

	name(i) {
		const [text, file, line] = this.frame(i);

		return text + (file ? " (" + place({file, line}) + ")" : "");
	}

	kind(i) {
		const file = this.frame(i)[1];

		return i === 0 ? "" : this.log.kind === "heap" ? "lib" :
			kindOf(file);
	}

	// Is it known how this measure went?
	hasCourse(m) {
		return Boolean(this.stacks.courses && this.stacks.courses[m]);
	}

	// Of each node with all that it calls.
	totals(m) {
		const sums = new Float64Array(this.count);
		const courses = range !== null && this.hasCourse(m) ?
			this.stacks.courses[m] : null;
		const [from, to] = courses ? range.map((clock) =>
			momentAt(this.log, MOMENTS, clock)) : [0, 0];

		for (let i = this.count - 1; i >= 0; i--) {
			sums[i] += courses ? Math.max(0, courses[i]
				.slice(from + 1, to + 1)
				.reduce((a, b) => a + b, 0)) :
				this.nodes[i][2 + m];
			if (i > 0)
				sums[this.nodes[i][0]] += sums[i];
		}
		return sums;
	}

	show(value, m) {
		return this.stacks.measures[m][1] === "bytes" ? size(value) :
			count(value);
	}
}

// Of the course of a node.
const MOMENTS = 32;

function flame(log, redraws) {
	if (!log.call_paths || log.call_paths.nodes.length < 2)
		return null;
	const paths = new Paths(log), n = paths.count;
	const compared = log.kind === "comparison";
	const box = make("div", {class: "flame", role: "tree",
		"aria-label": "Call paths"});
	const told = make("div", {class: "faint"}, "\u00a0");
	const part = make("span", {class: "faint"});
	const search = make("input", {type: "search", placeholder: "Search",
		"aria-label": "Search call paths"});
	const measure = make("select", {"aria-label": "Measure"},
		...paths.stacks.measures.map(([name], i) => make("option",
			{value: i, selected: i === paths.stacks.chosen}, name)));
	const turn = make("button", {"aria-pressed": "false"}, "Icicle");
	let zoom = 0;

	function look(i) {
		zoom = i;
		draw();
	}

	// Where each box begins; which are shown, above the zoomed one or in it.
	function layOut(sums) {
		const nodes = paths.nodes, whole = sums[zoom] || 1;
		const left = new Float64Array(n), next = new Float64Array(n);
		const depth = new Int32Array(n), within = new Uint8Array(n);
		const above = new Uint8Array(n), shown = [];

		for (let i = zoom; i !== 0; i = nodes[i][0])
			above[nodes[i][0]] = 1;
		for (let i = 0; i < n; i++) {
			const caller = nodes[i][0];

			within[i] = i === zoom || (i > 0 && within[caller]);
			if (i > 0 && i !== zoom) {
				left[i] = next[caller];
				next[caller] += sums[i];
				next[i] = left[i];
			}
			depth[i] = i === 0 ? 0 : depth[caller] + 1;
			if (sums[i] > 0 && (above[i] || (within[i] &&
					sums[i] / whole >= 0.0007)))
				shown.push(i);
		}
		return shown.map((i) => above[i] ?
			{i, depth: depth[i], left: 0, width: 100, above: true} :
			{i, depth: depth[i], left: 100 * left[i] / whole,
				width: 100 * sums[i] / whole, above: false});
	}

	function labelOf(i, m, sums, former) {
		return paths.name(i) + ": " + paths.show(sums[i], m) + ", " +
			(100 * sums[i] / (sums[0] || 1)).toFixed(1) + "%" +
			(former ? "; new " + paths.show(former[0][i], m) +
				", old " + paths.show(former[1][i], m) : "");
	}

	function draw() {
		const m = Number(measure.value), sums = paths.totals(m);
		const both = compared ? [paths.totals(0), paths.totals(1)] : null;
		const down = turn.getAttribute("aria-pressed") === "true";
		const wanted = search.value.toLowerCase();
		const boxes = layOut(sums);
		const deepest = Math.max(0, ...boxes.map((one) => one.depth));
		let found = 0;

		part.textContent = range === null ? "" : paths.hasCourse(m) ?
			"What it rose by in the range." : "Of the whole time.";
		box.style.height = (deepest + 1) * 18 + "px";
		box.replaceChildren(...boxes.map(({i, depth, left, width, above}) => {
			const hit = wanted !== "" &&
				paths.name(i).toLowerCase().includes(wanted);
			const label = labelOf(i, m, sums, both);
			const tell = () => {
				told.textContent = label;
			};

			found += hit ? 1 : 0;
			return make("div", {class: [both ?
				changeOf(both[0][i], both[1][i]) : paths.kind(i),
				hit ? "hit" : "", above ? "dim" : ""].join(" "),
				style: "left:" + left + "%;width:" + width +
					"%;top:" + 18 * (down ? depth :
					deepest - depth) + "px",
				title: label, role: "treeitem", tabindex: 0,
				onmouseover: tell, onfocus: tell,
				onclick: () => look(i),
				onkeydown: (event) => {
					if (event.key === "Enter")
						look(i);
					else if (event.key === "Escape")
						look(0);
				}}, paths.frame(i)[0]);
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
	redraws.push(draw);
	draw();
	return section(PATHS[log.kind] || "Call paths",
		make("div", {class: "bar"}, measure, turn, search,
			make("button", {onclick: () => look(0)}, "Whole"), part),
		box, told, flameLegend(log.kind));
}

function flameLegend(kind) {
	const legend = {
		comparison: [["rose3", "new, or more than 4 times as much"],
			["rose2", "more"], ["rose1", "a little more"],
			["same", "as before"], ["fell1", "a little less"],
			["fell2", "less"], ["fell3", "less than a quarter"]],
		heap: [["lib", "an object or a part of one, held by what is below"]],
	}[kind] || [["own", "the program's own code"],
		["lib", "Python's and packages'"], ["c", "C"]];

	return make("div", {class: "legend"}, ...legend.map(([name, text]) =>
		make("span", {}, make("i", {class: name}), text)));
}
