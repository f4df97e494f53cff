// SPDX-License-Identifier: MIT
// Any list of a log's JSON as a table to sort and search.

// Columns that are bytes; other numbers are counts, seconds or lines.
const BYTES = new Set(["bytes", "net", "grown", "released", "left", "at_peak",
	"allocated", "temporary", "rss", "own_bytes", "retained", "change",
	"size", "mapped", "old_bytes", "new_bytes", "rss_first",
	"rss_peak", "rss_last"]);
const TITLES = {own: "By line of the program, with all that it calls",
	own_lines: "By line of the program", lines: "By line",
	functions: "By function", files: "By file",
	groups: "Alive at the end", peak_groups: "Alive at the peak",
	compared: "What changed", steps: "The biggest steps",
	holders: "The biggest holders", messages: "Messages",
	more: "More than when the program began",
	types: "By type", threads: "By thread", sizes: "By size",
	processes: "Processes", problems: "Problems"};
const WORDS = [["name", "Name"], ["text", "Text"], ["note", "Note"]];

function spark(history) {
	const least = Math.min(...history, 0);
	const most = Math.max(...history, least + 1);
	const d = history.map((n, i) => (i ? "L" : "M") +
		(90 * i / (history.length - 1 || 1)).toFixed(1) + "," +
		(19 - 18 * (n - least) / (most - least)).toFixed(1)).join("");

	return make("svg", {class: "spark", viewBox: "0 0 90 20"},
		make("path", {d}));
}

// Groups of objects tell how many there were, all others bytes.
function showRise(row, value) {
	return signed(row.alive === undefined ? size(value) : count(value),
		value);
}

// How the number that a row is about went.
function historyOf(row) {
	return row.history || row.moments;
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
	if (has("makers"))
		columns.push({title: "Made by",
			value: (row) => row.makers.map(place).join(" "),
			show: (row) => showPlaces(row.makers)});
	if (has("more"))
		columns.push({title: "Held by", value: (row) => row.held.by,
			show: (row) => count(row.held.count) + " by " +
				row.held.by});
	if (has("path"))
		columns.push({title: "Path",
			value: (row) => showPath(row.path),
			show: (row) => showPath(row.path)});
	for (const [key, title] of WORDS)
		if (has(key))
			columns.push({title, value: (row) => row[key] || "",
				show: (row) => row[key] || ""});
	if (has("before"))
		columns.push({title: "From", value: (row) => place(row.before),
			show: (row) => showPlace(row.before)},
			{title: "To", value: (row) => place(row.after),
			show: (row) => showPlace(row.after)});
	if (rows.some(historyOf))
		columns.push({title: range === null ? "Over time" :
			"Rise in range", number: true,
			value: (row) => historyOf(row) ?
				rise(log, historyOf(row)) : 0,
			show: (row) => historyOf(row) ? make("span", {},
				spark(historyOf(row)), range === null ? "" : " " +
				showRise(row, rise(log, historyOf(row)))) : ""});
	for (const key of Object.keys(rows[0] || {}))
		if (has(key) && rows.every((row) => row[key] === undefined ||
				typeof row[key] === "number") &&
				!["line", "address"].includes(key))
			columns.push(numberColumn(key));
	return columns;
}

// Lines that made some of a row's objects each.
function showPlaces(places) {
	return make("span", {}, ...places.map((one) => make("span",
		{title: one.file || "", class: "held"},
		(place(one) || "(no Python code)") +
			(places.length > 1 ? ": " + count(one.count) : ""))));
}

function showPath(path) {
	return Array.isArray(path) ? path.map((step) =>
		typeof step === "string" ? step : place(step)).join(" > ") :
		String(path);
}

function showPlace(row) {
	const held = row.held ? [row.held] : row.holders || [];

	return make("span", {title: row.file || ""},
		place(row) || "(no Python code)",
		row.own && row.own.file && (row.own.file !== row.file ||
				row.own.line !== row.line) ?
			make("span", {class: "held"}, "for " +
				place(row.own)) : null,
		row.place ? make("span", {class: "held"}, "in " +
			place(row.place)) : null,
		row.source ? make("code", {}, row.source.trim()) : null,
		...held.slice(0, 3).map((one) =>
			make("span", {class: "held"}, "held: " +
				count(one.count) + " by " + one.by)),
		row.part_of ? make("span", {class: "held"}, "part of " +
			row.part_of.type + ", " + place(row.part_of)) : null);
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
				key === "pid" ? String(value) : count(value);

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
