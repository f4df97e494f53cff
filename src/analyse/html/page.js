// SPDX-License-Identifier: MIT
// The page: one log of several, part by part.

const logs = JSON.parse(document.getElementById("data").textContent);
const app = document.getElementById("app");

// Tables of which few have need.
const LAST = ["sizes", "problems"];

// What is no table.
const OTHERS = ["memory_noted"];

let shown = 0;		// which log

// Holders of holders, each behind the one that holds it.
function flatten(list, depth) {
	return list.flatMap((one) => [Object.assign({}, one, {
		path: "\u2003".repeat(depth) + one.path, holds: undefined}),
		...flatten(one.holds || [], depth + 1)]);
}

function draw() {
	const log = logs[shown], redraws = [];
	const changed = () => redraws.forEach((redraw) => redraw());

	range = null;
	const parts = [timeline(log, changed), memory(log, redraws),
		flame(log, redraws)];

	for (const key of Object.keys(log))
		if (!LAST.includes(key) && !OTHERS.includes(key))
			parts.push(table(log, key, redraws));
	for (const key of LAST)
		parts.push(table(log, key, redraws));
	app.replaceChildren(...parts.filter((part) => part !== null));
	document.querySelectorAll(".report").forEach((report, i) => {
		report.hidden = i !== shown;
	});
	document.querySelectorAll("#logs button").forEach((button, i) => {
		button.setAttribute("aria-pressed", String(i === shown));
	});
}

// What there is more of than when the program began, as rows.
function riseOf(grown) {
	return grown.types.map((one) => ({type: one.type,
		alive: one.alive, more: one.alive - one.before,
		bytes: one.bytes, held: one.held, makers: one.makers}));
}

for (const log of logs) {
	if (log.holders)
		log.holders = flatten(log.holders, 0);
	if (log.grown)
		log.more = riseOf(log.grown);
}
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
