// Tables that sort by a click or a key on a column's head. Text goes in as text, never as markup.

// element("p", {class: "quiet"}, "text", child, ...)
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function compare(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", {numeric: true});
}

// Numbers fall first, words rise first; the same head again turns round.
function sortBy(table, index, column) {
  const head = table.tHead.rows[0].cells[index];
  const first = column.text ? "descending" : "ascending", second = column.text ? "ascending" : "descending";
  const order = head.getAttribute("aria-sort") === first ? second : first;
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const body = table.tBodies[0];
  const rows = [...body.rows];
  rows.sort((a, b) => compare(column.value(a.item), column.value(b.item)) * (order === "ascending" ? 1 : -1));
  body.append(...rows);
}

// Columns are {title, value(item), text(value)}; one without `text` holds words. `total`: cells of the last line.
function table(caption, columns, items, total) {
  const made = element("table", {"aria-label": caption});
  const head = made.createTHead().insertRow();
  columns.forEach((column, index) => {
    const button = element("button", {type: "button"}, column.title);
    button.addEventListener("click", () => sortBy(made, index, column));
    head.append(element("th", {scope: "col", class: column.text ? "number" : "word"}, button));
  });
  const body = made.createTBody();
  for (const item of items) {
    const row = body.insertRow();
    row.item = item;
    for (const column of columns) {
      const value = column.value(item);
      row.append(element("td", {class: column.text ? "number" : "word"}, column.text ? column.text(value) : String(value)));
    }
  }
  if (total) {
    const row = made.createTFoot().insertRow();
    columns.forEach((column, i) => row.append(element("td", {class: column.text ? "number" : "word"}, total[i] || "")));
  }
  return element("div", {class: "scroll", role: "region", tabindex: "0", "aria-label": caption}, made);
}
