// SPDX-License-Identifier: MIT
// The time of a log, the part of it that is of interest, and what was when.

// Clocks between which things are of interest; null: all.
let range = null;

// What memory was made of, from the bottom of a picture to its top.
const SHARES = [["pymalloc_used", "objects in use"],
	["malloc_used", "native memory in use"],
	["pymalloc_free", "free in Python's allocator"],
	["malloc_free", "free in the C library"], ["other", "other"],
	["files", "files"], ["shared", "shared"]];

// RSS as [clock, low, high].
function curve(log) {
	if (log.curve && log.curve.length > 0)
		return log.curve;
	if (log.rss_history) {
		const [first, last] = log.clock;
		const n = log.rss_history.length;

		return log.rss_history.map((rss, i) =>
			[first + (last - first) * (i + 1) / n, rss, rss]);
	}
	return [];
}

function rssAt(log, clock) {
	const points = curve(log);
	let i = points.findIndex((point) => point[0] > clock);

	if (i < 0)
		i = points.length;
	return points.length > 0 ? points[Math.max(0, i - 1)][2] : 0;
}

// All moments at which the log looked at what memory was made of.
function notes(log) {
	if (!log.memory)
		return [];
	const {start, peak, end} = log.memory;

	return [...(log.memory_noted || []), start, peak, end].filter((note) => note)
		.sort((a, b) => a.clock - b.clock);
}

// Shares at a clock: those of the moments around it, as parts of RSS.
function sharesAt(list, clock, rss) {
	const next = list.findIndex((note) => note.clock >= clock);
	const after = list[next < 0 ? list.length - 1 : next];
	const before = list[next < 1 ? (next < 0 ? list.length - 1 : 0) :
		next - 1];
	const length = after.clock - before.clock;
	const part = length > 0 ? (clock - before.clock) / length : 0;
	const shares = SHARES.map(([key]) => (before[key] || 0) * (1 - part) +
		(after[key] || 0) * part);
	const sum = shares.reduce((a, b) => a + b, 0) || 1;

	return shares.map((share) => share * rss / sum);
}

// The last of N moments of a history that is not after CLOCK; -1: none.
function momentAt(log, n, clock) {
	const [first, last] = log.clock;
	const clocks = log.moments || [];
	let i = n;

	while (--i >= 0)
		if ((clocks.length > 0 ?
				clocks[Math.ceil(clocks.length * (i + 1) / n) - 1] :
				first + (last - first) * (i + 1) / n) <= clock)
			break;
	return i;
}

// What a series of values, evenly spread over the log, rose by in the range.
function rise(log, history) {
	const at = (clock) => {
		const i = momentAt(log, history.length, clock);

		return i < 0 ? 0 : history[i];
	};

	if (range === null)
		return history[history.length - 1] - history[0];
	return at(range[1]) - at(range[0]);
}
