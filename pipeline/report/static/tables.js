// Lets a reader sort, filter and page through the tables of a page. It only moves rows that are already there, and
// writes nothing but numbers. Without it a table shows its first rows in their first order.
(() => {
  const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

  const compare = (a, b) => {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? natural.compare(a, b) : difference;
  };

  const button = (text, label) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    return made;
  };

  const explore = (box) => {
    const table = box.querySelector("table");
    const body = table.tBodies[0];
    const all = [...body.rows];
    const size = Number(box.dataset.size);
    if (all.length < 2) return;
    const few = 10; // rows that need no filter
    let found = all;
    let first = 0;

    const bar = document.createElement("div");
    const filter = document.createElement("input");
    const shown = document.createElement("output");
    const back = button("‹", "Previous rows");
    const on = button("›", "Next rows");
    bar.className = "explore";
    filter.type = "search";
    filter.placeholder = "Filter these rows";
    filter.setAttribute("aria-label", "Filter the rows of this table");
    shown.style.margin = "0 .6em";
    bar.append(filter, shown, ...(all.length > size ? [back, on] : []));
    if (all.length > Math.min(few, size)) box.prepend(bar);

    const show = () => {
      first = Math.max(0, Math.min(first, Math.floor((found.length - 1) / size) * size));
      const page = new Set(found.slice(first, first + size));
      for (const row of all) row.style.display = page.has(row) ? "" : "none";
      const last = Math.min(first + size, found.length);
      const count = found.length.toLocaleString("en");
      shown.textContent = found.length ? `rows ${first + 1} to ${last} of ${count}` : "no row fits";
      back.disabled = first === 0;
      on.disabled = last >= found.length;
    };
    const select = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      found = [...body.rows].filter((row) => {
        const text = row.textContent.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      first = 0;
      show();
    };
    const sortBy = (column, header) => {
      const isDescending = header.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
      const keyed = [...body.rows].map((row) => [valueOf(row, column), row]);
      keyed.sort(([a], [b]) => (a === "" || b === "" || !isDescending ? compare(a, b) : compare(b, a)));
      body.append(...keyed.map(([, row]) => row));
      select();
    };

    filter.addEventListener("input", select);
    back.addEventListener("click", () => { first -= size; show(); });
    on.addEventListener("click", () => { first += size; show(); });
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const sort = button(header.textContent);
      sort.title = "Sort by this column";
      sort.style.cssText = "all:unset;cursor:pointer;font-weight:bold";
      sort.className = "sort";
      header.replaceChildren(sort);
      sort.addEventListener("click", () => sortBy(column, header));
    });
    show();
  };

  for (const box of document.querySelectorAll("div.ledger-table:not([data-ready])")) {
    box.dataset.ready = "yes";
    explore(box);
  }
  // A link to a file beside the page would be printed as a path on this machine.
  const beside = [...document.querySelectorAll("a[href]")].filter((link) => !/^(#|\w+:)/.test(link.getAttribute("href")));
  const addresses = beside.map((link) => link.getAttribute("href"));
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    for (const link of beside) link.removeAttribute("href");
  });
  addEventListener("afterprint", () => beside.forEach((link, number) => link.setAttribute("href", addresses[number])));
})();
