// Evaluates the conditions of a form. The semantics are those of moodle_bridge/domain/instrument/conditions.py; a test
// replays the contract's vectors/conditions.json through both.
globalThis.conditions = (() => {
  const same = (a, b) => typeof a === typeof b && JSON.stringify(a) === JSON.stringify(b);
  const value = (tree, scope) => {
    const [operator, key] = tree;
    if (operator === "lit") return key;
    if (operator === "ref") return scope.row && key in scope.row ? scope.row[key] : scope.form[key] ?? null;
    if (operator === "prev") return (scope.row ? scope.row[`prev_${key}`] : scope.previous[key]) ?? null;
    if (["session", "plan", "count"].includes(operator)) return scope[operator][key] ?? null;
    if (operator === "rows") return (scope.form[key] ?? []).filter((row) => holds(tree[2], { ...scope, row })).length;
    if (operator === "list") return tree.slice(1).map((each) => value(each, scope)).filter((each) => each !== null);
    if (operator === "+" || operator === "-") {
      const [left, right] = [value(tree[1], scope), value(tree[2], scope)];
      const sign = operator === "+" ? 1 : -1;
      if (typeof right !== "number") return null;
      if (typeof left === "number") return left + sign * right;
      if (typeof left !== "string" || !/^\d{4}-\d\d-\d\d$/.test(left)) return null;
      // JavaScript takes 30 February for 2 March, and knows years before 1 and after 9999; those are no dates.
      const day = (time) => {
        const date = new Date(time);
        const known = !Number.isNaN(date.getTime()) && date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999;
        return known ? date.toISOString().slice(0, 10) : null;
      };
      const time = Date.parse(left);
      return day(time) === left ? day(time + sign * right * 864e5) : null;
    }
    return holds(tree, scope);
  };
  const holds = (tree, scope) => {
    const [operator, ...rest] = tree;
    if (operator === "and") return rest.every((each) => holds(each, scope));
    if (operator === "or") return rest.some((each) => holds(each, scope));
    if (operator === "not") return !holds(rest[0], scope);
    if (!["==", "!=", "<", "<=", ">", ">=", "in"].includes(operator)) return value(tree, scope) === true;
    const [left, right] = [value(rest[0], scope), value(rest[1], scope)];
    if (left === null || right === null) return false;
    if (operator === "==") return same(left, right);
    if (operator === "!=") return !same(left, right);
    if (operator === "in") return Array.isArray(right) && right.some((each) => same(each, left));
    if (typeof left !== typeof right || !["number", "string"].includes(typeof left)) return false;
    return { "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right }[operator];
  };
  return { holds };
})();
