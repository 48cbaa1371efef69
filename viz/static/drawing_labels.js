// Where the labels of arrows stand: the last part of viz/picture/routes.py once more.

import { overlap, partOf, roomOf } from "./drawing_routes.js";
import { DRAWING } from "./python.js";

const { pieces: PIECES, away: AWAY, cell: CELL } = DRAWING.routes;
const PARTS = Array.from({ length: 33 }, (_, k) => (k + 4) / 40); // of an arrow, where its label may stand

// Rooms that are taken, each with the number of the arrow that runs there; null for boxes and labels.
class TakenRooms {
  constructor() {
    this.cells = new Map();
  }

  add(room, by = null) {
    const entry = { room, by, key: `${room}|${by}` };
    for (const cell of cellsOf(room)) this.cells.set(cell, [...(this.cells.get(cell) ?? []), entry]);
  }

  // How bad it is for a label of this arrow to stand here: on a box or a label is worse than on another arrow.
  badness(room, number) {
    const met = new Map();
    for (const cell of cellsOf(room)) for (const entry of this.cells.get(cell) ?? []) if (overlap(entry.room, room)) met.set(entry.key, entry.by);
    const owners = [...met.values()];
    return 10 * owners.filter((by) => by === null).length + Number(owners.some((by) => by !== null && by !== number));
  }
}

function cellsOf(room) {
  const [left, bottom, right, top] = room.map((side) => Math.floor(side / CELL));
  const cells = [];
  for (let x = left; x <= right; x++) for (let y = bottom; y <= top; y++) cells.push(`${x},${y}`);
  return cells;
}

// Where the label of each curve stands: on it, as near to its middle, or to the part of it that is preferred, as
// these rooms, other labels and the lanes of other arrows allow.
export function labelPlaces(curves, sizes, rooms, lanes, preferred) {
  const taken = new TakenRooms();
  for (const room of rooms) taken.add(room);
  curves.forEach((points, number) => {
    for (let k = 0; k <= PIECES; k++) taken.add(roomOf(onCurve(points.slice(0, -1), k / PIECES), [2, 2]), number);
  });
  for (const [number, lane] of lanes) taken.add(lane, number);
  return curves.map((points, number) => {
    const best = preferred.get(number) ?? 0.5;
    let [least, place] = [Infinity, onCurve(points.slice(0, -1), 0.5)];
    for (const t of [...PARTS].sort((a, b) => Math.abs(a - best) - Math.abs(b - best))) {
      const away = AWAY * Math.abs(t - best);
      if (away >= least) break;
      const at = onCurve(points.slice(0, -1), t);
      const bad = away + taken.badness(roomOf(at, sizes[number]), number);
      if (bad < least) [least, place] = [bad, at];
    }
    if (sizes[number][0]) taken.add(roomOf(place, sizes[number]));
    return place;
  });
}

// The point after this part of a chain of Bézier curves.
function onCurve(points, t) {
  const count = Math.floor((points.length - 1) / 3);
  const at = Math.min(Math.floor(t * count), count - 1);
  const u = t * count - at;
  const [a, b, c, d] = points.slice(3 * at, 3 * at + 4);
  const [ab, bc, cd] = [partOf(a, b, u), partOf(b, c, u), partOf(c, d, u)];
  return partOf(partOf(ab, bc, u), partOf(bc, cd, u), u);
}
