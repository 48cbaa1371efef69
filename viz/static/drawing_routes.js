// Arrows between boxes that have their places: viz/picture/routes.py once more, for pictures without frames.

import { DRAWING } from "./python.js";

const { near: NEAR_BY, withLabel: WITH_LABEL, short: SHORT, long: LONG, level: LEVEL, further: FURTHER, first: FIRST, last: LAST } = DRAWING.routes;
const { outline: OUTLINE, apart: APART, turn: TURN_ROOM, far: FAR, spread: SPREAD, bend: BEND } = DRAWING.routes;

export const roomOf = ([x, y], [wide, high]) => [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
export const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// This part of the way from a to b.
export const partOf = (a, b, t) => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];

const distance = (a, b) => Math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2);
const pairs = (list) => list.slice(1).map((each, i) => [list[i], each]);
const clamped = (low, x, high) => Math.max(low, Math.min(x, high));
const gathered = (things, keyOf) => {
  const groups = new Map();
  for (const each of things) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return groups;
};

export class ArrowRouter {
  constructor(boxes, arrows, centres, sizes) {
    Object.assign(this, { boxes, arrows, centres });
    this.sizes = sizes.map(([wide, high], i) => (boxes[i].isRoot ? [wide + OUTLINE, high + OUTLINE] : [wide, high]));
    this.rooms = centres.map((centre, i) => roomOf(centre, this.sizes[i]));
    this.head = DRAWING.routes.head; // the length of an arrow's head
    this.between = gathered([...arrows.keys()], (number) => this.endsOf(number));
    this.lanes = new Map(); // by the number of the arrow
    this.labelAt = new Map(); // the part of an arrow where its label is best; without one, the middle
  }

  endsOf(number) {
    return `${this.arrows[number].tail},${this.arrows[number].head}`;
  }

  // The points of the Bézier curves of each arrow; the last is its tip, the one before where the head begins.
  curves() {
    const found = [];
    const detours = [];
    this.arrows.forEach(({ tail, head }, i) => {
      const direct = this.direct(i);
      const ways = [this.centres[tail], direct[1], direct[2], this.centres[head]];
      const [wide, high] = [0, 1].map((k) => Math.abs(ways[0][k] - ways[3][k]));
      if ((wide < LONG || high < LEVEL) && this.isClear(i, ways)) {
        found[i] = direct;
        return;
      }
      const detour = this.detour(i);
      if (detour.between.length > 0) detours.push(detour);
      else found[i] = [detour.start, ...this.arrival(detour, detour.start)];
    });
    for (const group of this.grouped(detours)) {
      const levels = this.levels(group);
      group.forEach((detour, k) => {
        const y = levels[k];
        const [left, right] = [Math.min(detour.left, detour.right), Math.max(detour.left, detour.right)];
        this.lanes.set(detour.number, [left, y - detour.half, right, y + detour.half]);
        this.labelAt.set(detour.number, detour.labelAt);
        found[detour.number] = this.onLane(detour, y);
      });
    }
    return found;
  }

  // A straight arrow; one of several between the same boxes is bent, each by as much more.
  direct(number) {
    const { tail, head } = this.arrows[number];
    const [from, to] = [this.centres[tail], this.centres[head]];
    const several = this.between.get(this.endsOf(number));
    const bend = (APART * (several.indexOf(number) - (several.length - 1) / 2)) / (distance(from, to) || 1);
    const across = [bend * (to[1] - from[1]), bend * (from[0] - to[0])];
    const ways = [1 / 3, 2 / 3].map((t) => partOf(from, to, t)).map(([x, y]) => [x + across[0], y + across[1]]);
    const start = this.edge(tail, bend ? ways[0] : to);
    const stop = this.edge(head, bend ? ways[1] : from);
    const long = Math.min(0.9, this.head / (distance(start, stop) || 1));
    const base = bend ? partOf(stop, ways[1], long) : partOf(stop, start, long);
    return [start, ...(bend ? ways : [partOf(start, base, 1 / 3), partOf(start, base, 2 / 3)]), base, stop];
  }

  // Those that get their lanes together, short ones first.
  grouped(detours) {
    const counts = (keyOf) => new Map([...gathered(detours, keyOf)].map(([key, list]) => [key, list.length]));
    const [leaving, arriving] = [counts((d) => d.tail), counts((d) => d.head)];
    const ending = counts((d) => `${d.tail},${d.right}`);
    const keys = new Map();
    for (const d of detours) {
      const { style } = this.arrows[d.number]; // its colour follows from it
      keys.set(d, JSON.stringify([d.head, d.left, d.right]));
      if (d.left < d.right && arriving.get(d.head) > leaving.get(d.tail)) {
        keys.set(d, JSON.stringify(["to", d.head, style, d.start[1]]));
        Object.assign(d, { half: NEAR_BY, labelAt: FIRST, shares: "to" });
      } else if (d.left < d.right && spanOf(d) >= SHORT) {
        Object.assign(d, { half: NEAR_BY, labelAt: LAST });
        if (ending.get(`${d.tail},${d.right}`) === 1) {
          keys.set(d, JSON.stringify(["from", d.tail, style]));
          d.shares = "from";
        }
      }
    }
    const groups = [...gathered(detours, (d) => keys.get(d)).values()];
    for (const group of groups) group.sort((a, b) => b.start[1] - a.start[1] || a.number - b.number);
    const longest = (group) => Math.max(...group.map(spanOf));
    return groups.sort((a, b) => longest(a) - longest(b) || a[0].number - b[0].number);
  }

  // Where the line from the centre of a box leaves its outline.
  edge(number, to) {
    const [centre, size] = [this.centres[number], this.sizes[number]];
    const [x, y] = [0, 1].map((k) => (2 * Math.abs(to[k] - centre[k])) / size[k]); // in halves of its width and height
    const shape = DRAWING.shapes[this.boxes[number].kind];
    const reach = shape === "ellipse" ? Math.sqrt(x * x + y * y) : shape === "hexagon" ? Math.max(y, x + y / 2) : Math.max(x, y);
    return partOf(centre, to, 1 / Math.max(reach, 1));
  }

  // Whether an arrow by these ways passes all boxes but its own.
  isClear(number, ways) {
    const { tail, head } = this.arrows[number];
    const [xs, ys] = [0, 1].map((k) => ways.map((way) => way[k]));
    const around = [Math.min(...xs) - NEAR_BY, Math.min(...ys) - NEAR_BY, Math.max(...xs) + NEAR_BY, Math.max(...ys) + NEAR_BY];
    const rooms = this.rooms.filter((room, k) => k !== tail && k !== head && overlap(room, around));
    const lines = this.between.get(this.endsOf(number)).length === 1 ? [[ways[0], ways[3]]] : pairs(ways);
    return !lines.some(([start, stop]) => rooms.some((room) => meets(start, stop, room)));
  }

  // Where an arrow has to leave its way, and where it can come back to it.
  detour(number) {
    const { tail, head } = this.arrows[number];
    const start = [this.rooms[tail][2], this.centres[tail][1]];
    const stop = [this.rooms[head][0], this.centres[head][1]];
    const made = { number, tail, head, start, stop, shares: "", half: WITH_LABEL, labelAt: 0.5 };
    if (stop[0] <= start[0]) {
      // back, to the row below
      return { ...made, left: start[0], right: stop[0], between: this.rooms.filter((room) => room[0] < start[0] && room[2] > stop[0]) };
    }
    const between = this.rooms.filter((room) => start[0] < (room[0] + room[2]) / 2 && (room[0] + room[2]) / 2 < stop[0]);
    const turn = Math.min(TURN_ROOM, (stop[0] - start[0]) / 3);
    const [low, high] = between.length > 0 ? [Math.min(...between.map((room) => room[0])), Math.max(...between.map((room) => room[2]))] : [0, 0];
    return { ...made, left: Math.max(start[0] + turn, low - NEAR_BY), right: Math.min(stop[0] - turn, high + NEAR_BY), between };
  }

  // The heights of free lanes for arrows that pass the same, from above, or the one that they share.
  levels(group) {
    const longest = group.reduce((a, b) => (spanOf(b) > spanOf(a) ? b : a));
    const { half, shares } = longest;
    const apart = shares ? FURTHER : 0;
    const ends = [Math.min(...group.map((d) => d.left)), Math.max(...group.map((d) => d.right))];
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const lanes = [...this.lanes.values()].filter((lane) => lane[0] < high && lane[2] > low).map((lane) => [lane[1], lane[3]]);
    const taken = [...lanes, ...longest.between.map((room) => takenBy(longest, room, apart))];
    let [tails, heads] = [(d) => d.start[1], (d) => d.stop[1]].map((of) => group.map(of).reduce((a, b) => a + b, 0) / group.length);
    if (longest.left > longest.right) heads = (tails + heads) / 2;
    else if (shares === "to") [tails, heads] = [heads, tails];
    const cost = (y) => Math.abs(y - heads) + 0.3 * Math.abs(y - tails);
    const found = [];
    for (let i = 0; i < (shares ? 1 : group.length); i++) {
      let y = nearestFree(taken, half, cost, heads);
      if (Math.abs(y) > FAR / 2) y = nearestFree([...lanes, ...longest.between.map((room) => [room[1], room[3]])], half, cost, heads);
      found.push(y);
      taken.push([y - half, y + half]);
    }
    return shares ? Array(group.length).fill(found[0]) : found.sort((a, b) => b - a);
  }

  // The curves of an arrow on its lane.
  onLane(detour, y) {
    const { start, stop } = detour;
    const [a, b] = [[detour.left, y], [detour.right, y]];
    const lane = [a, partOf(a, b, 1 / 3), partOf(a, b, 2 / 3), b];
    if (detour.right < detour.left) {
      const out = [start, [start[0] + BEND, start[1]], [start[0] + BEND, y]];
      return [...out, ...lane, [stop[0] - BEND, y], [stop[0] - BEND, stop[1]], [stop[0] - this.head, stop[1]], stop];
    }
    const half = (start[0] + a[0]) / 2;
    return [start, [half, start[1]], [half, y], ...lane, ...this.arrival(detour, b)];
  }

  // The rest of a curve that is level at its start and at its end: the higher it comes from, the higher on the head.
  arrival(detour, start) {
    const most = SPREAD * this.sizes[detour.head][1];
    const y = detour.stop[1] + clamped(-most, SPREAD * (start[1] - detour.stop[1]), most);
    const [x] = this.edge(detour.head, [2 * detour.stop[0] - this.centres[detour.head][0], y]);
    const base = x - Math.min(this.head, 0.9 * (x - start[0]));
    const half = (start[0] + base) / 2;
    return [[half, start[1]], [half, y], [base, y], [x, y]];
  }
}

const spanOf = (detour) => Math.abs(detour.right - detour.left);

// The heights at which a lane would meet a room that it has to pass, or from which a turn beside it would.
function takenBy(detour, room, apart) {
  let [low, high] = [room[1] - apart, room[3] + apart];
  for (const [isBeside, y] of [[room[0] < detour.left, detour.start[1]], [room[2] > detour.right, detour.stop[1]]]) {
    if (!isBeside || detour.left >= detour.right) continue;
    if ((low + high) / 2 > y) high = Math.max(high, FAR);
    else low = Math.min(low, -FAR);
  }
  return [low, high];
}

// The height for which a lane of twice `half` meets nothing that is taken, with the least cost.
function nearestFree(taken, half, cost, at) {
  const blocks = [];
  for (const [bottom, top] of [...taken].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = blocks[blocks.length - 1];
    if (last && bottom - half < last[1]) last[1] = Math.max(last[1], top + half);
    else blocks.push([bottom - half, top + half]);
  }
  if (!blocks.some(([bottom, top]) => bottom < at && at < top)) return at;
  const free = [blocks[0][0], blocks[blocks.length - 1][1]];
  for (const [[, low], [high]] of pairs(blocks)) free.push(...(high - low < half ? [(low + high) / 2] : [low, high]));
  return free.reduce((best, y) => (cost(y) < cost(best) ? y : best));
}

// Whether a straight line comes nearer to a room than it may: cut to the room, something of it is left.
function meets(start, stop, room) {
  let [enters, leaves] = [0, 1];
  for (const k of [0, 1]) {
    const [low, high, way] = [room[k] - NEAR_BY - start[k], room[k + 2] + NEAR_BY - start[k], stop[k] - start[k]];
    if (way === 0) {
      if (low >= 0 || high <= 0) return false;
    } else {
      enters = Math.max(enters, Math.min(low / way, high / way));
      leaves = Math.min(leaves, Math.max(low / way, high / way));
      if (enters >= leaves) return false;
    }
  }
  return true;
}
