// Places in columns: viz/picture/ranks.py and columns.py once more, for graphs without scopes.

import { A } from "./arithmetic.js";
import { DRAWING } from "./python.js";

const { stack: STACK, gap: COLUMN_GAP, slope: SLOPE, steepest: STEEPEST, lane: LANE, rowGap: ROW_GAP, perRow: PER_ROW, perColumn: PER_COLUMN } = DRAWING.columns;

const most = (numbers, otherwise) => (numbers.length > 0 ? Math.max(...numbers) : otherwise);
const least = (numbers, otherwise) => (numbers.length > 0 ? Math.min(...numbers) : otherwise);
const mean = (numbers, otherwise = 0) => (numbers.length > 0 ? numbers.reduce((a, b) => a + b, 0) / numbers.length : otherwise);

// -- ranks.py ------------------------------------------------------------------------------------------

// Things in an order in which each comes after what it uses; by thing, what it uses and what uses it.
function orderOf(count, arrows) {
  const before = Array.from({ length: count }, () => []);
  const after = Array.from({ length: count }, () => []);
  for (const { tail, head } of arrows) {
    if (before[head].includes(tail)) continue;
    before[head].push(tail);
    after[tail].push(head);
  }
  const order = [...before.keys()].filter((thing) => before[thing].length === 0);
  const waits = before.map((list) => list.length);
  for (const thing of order) for (const user of after[thing]) if (--waits[user] === 0) order.push(user); // grows
  return { order, before, after };
}

// Leaves just before what uses them first, results just behind what they use.
function columnsOf({ order, before, after }) {
  const [first, last, column] = [[], [], []];
  const backwards = [...order].reverse();
  for (const thing of order) first[thing] = most(before[thing].map((operand) => first[operand] + 1), 0);
  for (const thing of backwards) last[thing] = least(after[thing].map((user) => last[user] - 1), first[thing]);
  const isSource = (thing) => before[thing].length === 0;
  const onChain = new Set(); // what has no choice of columns, and all that uses it
  for (const thing of order) {
    if (!isSource(thing) && (first[thing] === last[thing] || before[thing].some((operand) => onChain.has(operand)))) onChain.add(thing);
  }
  for (const thing of backwards) {
    column[thing] = first[thing];
    const feeds = !onChain.has(thing) && last[thing] > 2 * first[thing];
    if (after[thing].length > 0 && (isSource(thing) || feeds)) column[thing] = least(after[thing].map((user) => column[user]), 0) - 1;
  }
  const made = Array.from({ length: Math.max(...column) + 1 }, () => []);
  column.forEach((k, thing) => made[k].push(thing));
  return made;
}

// The length of the longest path through each thing; 0 for leaves.
function longestThrough({ order, before, after }) {
  const [depth, height] = [[], []];
  for (const thing of order) depth[thing] = most(before[thing].map((operand) => depth[operand] + 1), 0);
  for (const thing of [...order].reverse()) height[thing] = most(after[thing].map((user) => height[user] + 1), 0);
  return depth.map((d, thing) => d && d + height[thing]);
}

// -- columns.py ----------------------------------------------------------------------------------------

class Columns {
  constructor(arrows, sizes, labels) {
    const flow = orderOf(sizes.length, arrows);
    this.sizes = sizes;
    this.columns = columnsOf(flow);
    this.path = longestThrough(flow);
    this.before = flow.before;
    this.users = flow.after;
    this.links = new Map(); // "tail,head" -> the number of its first arrow
    this.labelRoom = sizes.map(() => 0); // before a thing
    arrows.forEach(({ tail, head }, number) => {
      if (!this.links.has(`${tail},${head}`)) this.links.set(`${tail},${head}`, number);
      this.labelRoom[head] = Math.max(this.labelRoom[head], labels[number][0]);
    });
    this.isTree = this.users.every((users) => users.length <= 1);
    this.column = [];
    this.columns.forEach((things, k) => things.forEach((thing) => (this.column[thing] = k)));
    this.widths = this.columns.map((things) => Math.max(...things.map((thing) => sizes[thing][0])));
    this.gaps = this.columns.map((things) => COLUMN_GAP + Math.max(...things.map((thing) => this.labelRoom[thing])));
  }

  // Everything, in rows as long as each other if nothing but a tree is torn apart.
  rows() {
    const count = this.columns.length;
    const length = this.isTree ? Math.ceil(count / Math.ceil(count / PER_ROW)) : count;
    const made = [];
    for (let start = 0; start < count; start += length) made.push(this.row(start, Math.min(start + length, count)));
    const whole = { width: Math.max(...made.map(({ width }) => width)), up: made[0].up, down: made[0].down, centres: [] };
    let y = 0;
    made.forEach((row, i) => {
      if (i > 0) y -= made[i - 1].down + ROW_GAP + row.up;
      put(whole, row, 0, y);
    });
    return whole;
  }

  // Columns side by side, their heights from the right to the left and once more back.
  row(start, stop) {
    const heights = new Map();
    const ordered = [];
    for (let k = stop - 1; k >= start; k--) ordered[k] = this.byUsers(this.columns[k], heights);
    for (let k = start; k < stop; k++) this.byOperands(ordered[k], heights);
    const made = { width: 0, up: 0, down: 0, centres: [] };
    for (let k = start; k < stop; k++) {
      const part = this.stacked(ordered[k], heights, this.widths[k]);
      const gap = k > start ? this.gaps[k] + Math.min(SLOPE * this.rise(ordered[k - 1], ordered[k], heights), STEEPEST) : 0;
      put(made, part, made.width + Math.ceil(gap), 0);
      made.width += Math.ceil(gap) + part.width;
    }
    return made;
  }

  // How far the steepest arrow between two columns rises or falls.
  rise(column, following, heights) {
    const ends = column.flatMap((thing) => this.users[thing].filter((user) => following.includes(user)).map((user) => [thing, user]));
    return most(ends.map(([a, b]) => Math.abs(heights.get(b) - heights.get(a))), 0);
  }

  byUsers(column, heights) {
    const [wanted, rank] = [new Map(), new Map()];
    for (const thing of column) {
      const known = this.users[thing].filter((user) => heights.has(user));
      const first = least(known.map((user) => this.column[user]), 0);
      const users = known.filter((user) => this.column[user] === first);
      wanted.set(thing, mean(users.map((user) => heights.get(user))));
      rank.set(thing, least(users.map((user) => this.links.get(`${thing},${user}`)), 0));
    }
    const order = [...column].sort((a, b) => wanted.get(b) - wanted.get(a) || rank.get(a) - rank.get(b));
    this.settle(order, wanted, heights);
    return order;
  }

  byOperands(order, heights) {
    const own = (thing) => this.before[thing].filter((operand) => this.users[operand].length === 1 && heights.has(operand));
    const wanted = new Map(order.map((thing) => [thing, mean(own(thing).map((operand) => heights.get(operand)), heights.get(thing))]));
    this.settle(order, wanted, heights);
  }

  // Adds the heights of the things of a column, as near as can be to what they want.
  settle(order, wanted, heights) {
    if (this.isGrid(order)) {
      const middle = A.round(mean(order.map((thing) => wanted.get(thing))));
      const [lines, high, side] = [this.lines(order), this.pitch(order), this.side(order)];
      order.forEach((thing, k) => heights.set(thing, middle + ((lines - 1) / 2 - Math.floor(k / side)) * high));
      return;
    }
    const longest = Math.max(...order.map((thing) => this.path[thing]));
    const chain = [...order.keys()].filter((k) => this.path[order[k]] === longest);
    const fixed = longest && chain.length === 1 ? chain[0] : null;
    const found = settled(order.map((thing) => this.sizes[thing][1] / 2), order.map((thing) => wanted.get(thing)), fixed);
    order.forEach((thing, k) => heights.set(thing, found[k]));
  }

  // A column, given the heights of its things: under each other, or a grid.
  stacked(column, heights, wide) {
    const isGrid = this.isGrid(column);
    const side = isGrid ? this.side(column) : 1;
    const gap = isGrid ? COLUMN_GAP + Math.max(...column.flatMap((thing) => this.users[thing].map((user) => this.labelRoom[user]))) : 0;
    const made = { width: side * wide + (side - 1) * gap, up: 0, down: 0, centres: [] };
    column.forEach((thing, k) => {
      const [width, height] = this.sizes[thing];
      const part = { up: height / 2, down: height / 2, centres: [] };
      part.centres[thing] = [width / 2, 0];
      put(made, part, (k % side) * (wide + gap) + (wide - width) / 2, heights.get(thing));
    });
    return made;
  }

  // How many things stand side by side in a grid.
  side(column) {
    return Math.ceil(column.length / PER_COLUMN);
  }

  // The height of a row of a grid, with its lane.
  pitch(column) {
    return Math.max(...column.map((thing) => this.sizes[thing][1])) + STACK + LANE;
  }

  // Whether these are many leaves of one sum.
  isGrid(column) {
    const users = new Set(column.flatMap((thing) => this.users[thing]));
    return column.length > PER_COLUMN && column.every((thing) => this.before[thing].length === 0) && users.size === 1;
  }

  lines(column) {
    return Math.ceil(column.length / this.side(column));
  }
}

// Puts a part into a whole, which grows in height only.
function put(whole, part, x, y) {
  part.centres.forEach(([a, b], i) => (whole.centres[i] = [x + a, y + b]));
  whole.up = Math.max(whole.up, y + part.up);
  whole.down = Math.max(whole.down, part.down - y);
}

// The heights of things below each other, in this order, as near as can be to those that they want; the one that is
// `fixed` stands on the line. `halves` are half their heights.
function settled(halves, wanted, fixed) {
  const depths = [0];
  for (let i = 1; i < halves.length; i++) depths.push(depths[i - 1] + (halves[i - 1] + STACK + halves[i]));
  const targets = wanted.map((y, i) => y + depths[i]);
  let levels = [];
  if (fixed === null) levels = falling(targets);
  else {
    const line = depths[fixed];
    levels = falling(targets.slice(0, fixed)).map((level) => Math.max(level, line));
    levels.push(line, ...falling(targets.slice(fixed + 1)).map((level) => Math.min(level, line)));
  }
  return levels.map((level, i) => A.round(level - depths[i]));
}

// The numbers nearest to these of which none is above one before it.
function falling(targets) {
  const pools = []; // mean, how many
  for (const target of targets) {
    let [average, count] = [target, 1];
    while (pools.length > 0 && pools[pools.length - 1][0] < average) {
      const [other, many] = pools.pop();
      [average, count] = [(average * count + other * many) / (count + many), count + many];
    }
    pools.push([average, count]);
  }
  return pools.flatMap(([average, count]) => Array(count).fill(average));
}

// The places of all boxes: {width, up, down, centres}, y upwards from the line that the main chain runs on.
export function arranged(arrows, sizes, labels) {
  return new Columns(arrows, sizes, labels).rows();
}
