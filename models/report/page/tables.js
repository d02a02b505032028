// Tables that sort by a click or a key on a column's head. Text goes in as text, never as markup.

// element("p", {class: "quiet"}, "text", child, ...)
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", {numeric: true});
}

// Numbers fall first, words rise first; the same head again turns round. A row's opened details move with it.
function sortBy(table, index, column) {
  const head = table.tHead.rows[0].cells[index];
  const rises = isWord(column) || column.rises;
  const first = rises ? "ascending" : "descending",
    second = rises ? "descending" : "ascending";
  const order = head.getAttribute("aria-sort") === first ? second : first;
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const body = table.tBodies[0];
  const rows = [...body.rows].filter((row) => row.item !== undefined);
  const key = column.sortValue || column.value;
  rows.sort((a, b) => compare(key(a.item), key(b.item)) * (order === "ascending" ? 1 : -1));
  for (const row of rows) body.append(row, ...(row.opened ? [row.opened] : []));
}

const isWord = (column) => !column.text && !column.cell;
const classOf = (column) => (isWord(column) ? "word" : "number") + (column.class ? " " + column.class : "");

function contentOf(column, item) {
  const value = column.value(item);
  if (column.cell) return column.cell(item, value);
  return column.text ? column.text(value) : String(value);
}

// Columns are {title, value(item)}; `text(value)` of a number, one without holds words; `cell(item, value)`:
// an element instead; `sortValue(item)`, `rises`: sorted by it, least first. `whole`: the cells of a line of
// all items, which stands first.
function table(caption, columns, items, whole) {
  const made = element("table", {"aria-label": caption});
  const head = made.createTHead().insertRow();
  columns.forEach((column, index) => {
    const button = element("button", {type: "button"}, column.title);
    button.addEventListener("click", () => sortBy(made, index, column));
    head.append(element("th", {scope: "col", class: classOf(column)}, button));
  });
  if (whole) {
    const row = made.tHead.insertRow();
    columns.forEach((column, i) => row.append(element("td", {class: classOf(column)}, whole[i] || "")));
  }
  const body = made.createTBody();
  for (const item of items) {
    const row = body.insertRow();
    row.item = item;
    for (const column of columns)
      row.append(element("td", {class: classOf(column)}, contentOf(column, item)));
  }
  return element("div", {class: "scroll", role: "region", tabindex: "0", "aria-label": caption}, made);
}

// A row's details in a row of their own below it, or away again.
function toggleRow(row, make, open = !row.opened) {
  const button = row.querySelector("button[aria-expanded]");
  if (button) button.setAttribute("aria-expanded", String(open));
  if (!open && row.opened) {
    row.opened.remove();
    delete row.opened;
  } else if (open && !row.opened) {
    row.opened = element("tr", {class: "opened"}, element("td", {colspan: row.cells.length}, make(row.item)));
    row.after(row.opened);
  }
}
