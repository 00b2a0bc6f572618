// Shows and hides what conditions decide, adds rows, keeps choices of rows up to date. The server checks all of it.
(() => {
  const form = document.querySelector("form.answers");
  const context = JSON.parse(form.dataset.context);
  const { holds } = conditions;

  const typed = (field) => {
    const kind = field.dataset.type;
    const all = [...field.querySelectorAll("input,select,textarea")];
    if (kind === "multi_choice") {
      const on = all.filter((box) => box.checked).map((box) => box.value);
      return on.length ? on : null;
    }
    if (kind === "yes_no" && all[0]?.type === "checkbox") return all[0].checked;
    const radio = all.length > 1 || all[0]?.type === "radio";
    const text = radio ? all.find((each) => each.checked)?.value ?? "" : all[0]?.value ?? "";
    if (!text.trim() || text === "null") return null;
    if (kind === "yes_no") return text === "1";
    if (kind === "scale" || kind === "number") return /^[+-]?\d+$/.test(text.trim()) ? parseInt(text, 10) : null;
    return text;
  };

  const rowValues = (row) => {
    const values = {};
    for (const field of row.querySelectorAll("[data-field]")) values[field.dataset.field] = null;
    const { row: number, id, ...carried } = JSON.parse(row.dataset.carried ?? "{}");
    Object.assign(values, carried);
    for (const field of row.querySelectorAll("[data-field]")) {
      const value = typed(field);
      if (value !== null) values[field.dataset.field] = value;
    }
    return values;
  };

  const refresh = () => {
    const answers = {};
    for (const field of form.querySelectorAll(".item > [data-field]")) answers[field.dataset.field] = typed(field);
    for (const row of form.querySelectorAll("[data-row]")) {
      const given = [...row.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, typed(field)]);
      const answered = Object.fromEntries(given.filter(([, value]) => value !== null));
      if (Object.keys(answered).length) (answers[row.closest(".table").id] ??= []).push(answered);
    }
    const scopeOf = (element) => {
      const row = element.closest("[data-row]");
      return { ...context, form: answers, ...(row ? { row: rowValues(row) } : {}) };
    };
    for (const each of form.querySelectorAll("[data-show]")) each.hidden = !holds(JSON.parse(each.dataset.show), scopeOf(each));
    for (const each of form.querySelectorAll("[data-required]")) each.hidden = !holds(JSON.parse(each.dataset.required), scopeOf(each));
    for (const select of form.querySelectorAll("select[data-from]")) {
      for (const option of select.options) {
        const row = option.value && document.getElementById(`${select.dataset.from}.${option.value}`);
        if (!row) continue;
        const text = row.querySelector("textarea,input")?.value.trim() ?? "";
        option.textContent = `${option.value.slice(1)}. ${text}`;
        option.hidden = option.disabled = !text && !option.selected;
      }
    }
  };

  for (const table of form.querySelectorAll(".table")) {
    const more = table.querySelector(".more");
    const spare = () => table.querySelector("[data-spare]");
    if (!more) continue;
    for (const row of table.querySelectorAll("[data-spare]")) row.hidden = true;
    more.hidden = !spare();
    more.addEventListener("click", () => {
      const row = spare();
      row.hidden = false;
      row.removeAttribute("data-spare");
      row.querySelector("textarea,input,select").focus();
      more.hidden = !spare();
    });
  }

  for (const button of form.querySelectorAll("[data-all-yes]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const yes of button.closest(".table").querySelectorAll('[data-type="yes_no"] input[value="1"]')) yes.checked = true;
      form.dispatchEvent(new Event("input"));
    });
  }

  let changed = false;
  form.addEventListener("input", (event) => {
    changed = true;
    const box = event.target;
    if (box.type === "checkbox" && box.checked) {
      for (const other of form.querySelectorAll(`input[name="${CSS.escape(box.name)}"]`)) {
        if (other !== box && ("exclusive" in box.dataset || "exclusive" in other.dataset)) other.checked = false;
      }
    }
    refresh();
  });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  refresh();
  document.getElementById("errors")?.focus();
})();
