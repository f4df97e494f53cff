// SPDX-License-Identifier: MIT
// Where the memory is, and how it came to that.

// The moments that are shown: the log's, or those of the range.
function moments(log) {
	const list = notes(log);
	const of = (clock, rss) => ({rss, shares: sharesAt(list, clock, rss)});

	if (range === null)
		return ["start", "peak", "end"].filter((when) =>
			log.memory[when]).map((when) => [when, of(
			log.memory[when].clock, log.memory[when].rss)]);
	const high = curve(log).filter((point) => point[0] >= range[0] &&
		point[0] <= range[1]).reduce((a, b) => b[2] > a[2] ? b : a,
		[range[0], 0, rssAt(log, range[0])]);

	return [["from", of(range[0], rssAt(log, range[0]))],
		["highest", of(high[0], high[2])],
		["to", of(range[1], rssAt(log, range[1]))]];
}

function memory(log, redraws) {
	if (notes(log).length === 0)
		return null;
	const grid = make("div", {class: "shares"});
	const legend = make("div", {class: "legend"});

	function draw() {
		const shown = moments(log);
		const most = Math.max(...shown.map(([, one]) => one.rss)) || 1;
		const last = shown[shown.length - 1][1];

		grid.replaceChildren(...shown.flatMap(([when, one]) => [
			make("span", {}, when),
			make("div", {class: "whole", style: "width:" +
				100 * one.rss / most + "%"},
			...one.shares.map((share, i) => share > 0 ?
				make("div", {class: "share" + i, style: "flex:" +
					share, title: SHARES[i][1] + ": " +
					size(share)}) : null)),
			make("span", {class: "size"}, size(one.rss))]));
		legend.replaceChildren(...SHARES.flatMap(([, name], i) =>
			shown.some(([, one]) => one.shares[i] > 0) ?
				[make("span", {}, make("i", {class: "share" + i}),
					name + " " + size(last.shares[i]))] : []));
	}

	redraws.push(draw);
	draw();
	return section("Where the memory is", grid, legend);
}

// The areas of the shares, one on top of the other, below the curve of RSS.
function areas(log, points, x, y) {
	const list = notes(log);

	if (list.length === 0)
		return [];
	const stacks = points.map((point) => {
		let sum = 0;

		return sharesAt(list, point[0], point[2]).map((share) =>
			sum += share);
	});
	const edge = (i, j) => x(points[i][0]).toFixed(1) + "," +
		y(j < 0 ? 0 : stacks[i][j]).toFixed(1);

	return SHARES.map(([, name], j) => {
		const upper = [], lower = [];

		for (let i = 0; i < points.length; i++) {
			upper.push(edge(i, j));
			lower.unshift(edge(i, j - 1));
		}
		return make("path", {class: "stack" + j, d: "M" +
			upper.join("L") + "L" + lower.join("L") + "Z"},
			make("title", {}, name));
	});
}

function timeline(log, changed) {
	const points = curve(log);

	if (points.length < 2)
		return null;
	const first = points[0][0];
	const last = Math.max(log.clock[1], points[points.length - 1][0]);
	const lives = log.live_curve || [];
	const most = Math.max(...points.map((p) => p[2]),
		...lives.map((p) => p[2])) || 1;
	const x = (clock) => 1000 * (clock - first) / (last - first || 1);
	const y = (rss) => 180 - 170 * rss / most;
	const line = (list, i) => list.map((p) => x(p[0]).toFixed(1) + "," +
		y(p[i]).toFixed(1));
	const ends = (list, i) => "L1000," +
		y(list[list.length - 1][i]).toFixed(1);
	const end = points[points.length - 1][1];
	const whole = [...points, [last, end, end]];
	const stack = areas(log, whole, x, y);
	const upper = line(points, 2).join("L") + ends(points, 1);
	const svg = make("svg", {class: "time", viewBox: "0 0 1000 180",
		preserveAspectRatio: "none", role: "img",
		"aria-label": "Resident memory over time, up to " +
			size(most)}, ...stack,
		stack.length === 0 ? make("path", {class: "area", d: "M0,180L" +
			upper + "L1000,180Z"}) : null,
		make("path", {class: "area", d: "M" + line(points, 2).join("L") +
			"L" + line(points, 1).reverse().join("L") + "Z"}),
		make("path", {class: "curve", d: "M" + upper}),
		lives.length > 1 ? make("path", {class: "live", d: "M" +
			line(lives, 2).join("L") + ends(lives, 1)},
			make("title", {}, "allocated")) : null);
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
	svg.append(brush);

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
			range[1].toFixed(3) + " s; what follows is of that time";
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
			lives.length > 1 ? make("span", {},
				"line: allocated by the program") : null,
			make("span", {}, last.toFixed(3) + " s" +
				(log.kind in TIMES ? TIMES[log.kind] :
					" of CPU time"))),
		make("div", {class: "bar"}, from, to,
			make("button", {onclick: () => set(0, 1000)}, "All"),
			told));
}

// What the clock of a log is, if not CPU time.
const TIMES = {allocations: " since the log began", process: ""};
