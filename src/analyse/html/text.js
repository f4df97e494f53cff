// SPDX-License-Identifier: MIT
// Elements, and numbers and places as text.

// An element; names of the log only ever become text.
function make(tag, attributes, ...children) {
	const svg = ["svg", "path", "rect", "line", "title", "g"].includes(tag);
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

function section(title, ...children) {
	return make("section", {}, make("h2", {}, title), ...children);
}
