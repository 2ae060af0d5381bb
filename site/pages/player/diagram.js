// The space-time diagram as SVG. Built once for a width; showing another step only changes classes.
(function (lab) {
  "use strict";

  const NS = "http://www.w3.org/2000/svg";
  const PAD = 8, CORNER = 6, HEAD = 38;

  function make(tag, attributes = {}, text = "") {
    const element = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  }

  class Diagram {
    constructor(story, width, measure) {
      this.story = story;
      this.place = lab.lay(story, width, measure);
      this.parts = []; // [element, the row from which it is there]
      this.svg = make("svg", { class: "tp-diagram", width: this.place.width, height: this.place.height, role: "img",
        "aria-label": `Space-time diagram of ${story.lanes.join(", ")}: ${story.length} steps, told as text below.` });
      this.now = this.svg.appendChild(make("rect", { class: "tp-now", x: 0, width: this.place.width }));
      this.head = this.header();
      story.lanes.forEach((lane) => this.lifeline(lane));
      story.arrows.forEach((arrow) => this.arrow(arrow));
      story.frames.forEach((frame, row) => this.event(frame, row));
    }

    // Adds a part that belongs to a row: it stands back until that row has been played.
    add(row, tag, attributes, text) {
      const element = this.svg.appendChild(make(tag, attributes, text));
      this.parts.push([element, row]);
      return element;
    }

    header() {
      const head = make("svg", { class: "tp-lanes", width: this.place.width, height: HEAD, "aria-hidden": "true" });
      this.story.data.lanes.forEach(({ id, role }) => {
        const x = this.place.lanes.get(id);
        head.appendChild(make("text", { class: "tp-lane", x, y: 17 }, id));
        if (role !== id) head.appendChild(make("text", { class: "tp-role", x, y: 31 }, role));
      });
      return head;
    }

    // A node's life: solid while up, dashed while paused, absent while down; broad while it holds what the page watches.
    lifeline(lane) {
      const { middle } = this.place.rows;
      const x = this.place.lanes.get(lane);
      const stretch = (what, draw) => {
        let since = -1;
        for (let position = 1; position <= this.story.length + 1; position++) {
          const value = what(this.story.state(lane, position - 1));
          const next = position <= this.story.length ? what(this.story.state(lane, position)) : undefined;
          if (next === value) continue;
          draw(value, since, position - 1);
          since = position - 1;
        }
      };
      const held = this.story.data.held;
      if (held) {
        stretch((state) => lab.plain(state.facts[held] || "None") !== "∅", (holds, from, to) => {
          for (let row = from; holds && row < to; row++) this.hold(row, x, middle(row), middle(row + 1));
        });
      }
      stretch((state) => (!state.up ? "down" : state.paused ? "paused" : "up"), (life, from, to) => {
        this.add(-1, "line", { class: `tp-life tp-life-${life}`, x1: x, x2: x, y1: middle(from), y2: middle(to) });
      });
    }

    hold(row, x, y, until) {
      this.add(row, "rect", { class: "tp-held", x: x - 7, y, width: 14, height: until - y });
      this.add(row, "path", { class: "tp-held-edge", d: `M${x - 7} ${y}V${until}M${x + 7} ${y}V${until}` });
    }

    arrow(arrow) {
      const { lanes, tracks, rows } = this.place;
      const way = lab.sideOf(this.story, arrow);
      const start = lanes.get(arrow.from), goal = lanes.get(arrow.to);
      const track = start + way * (2 * lab.DOT + tracks.get(arrow.id) * lab.TRACK);
      const from = rows.middle(arrow.sent), to = rows.at(arrow);
      const arrives = arrow.ended !== null && !arrow.lost;
      const end = arrives ? goal - way * (lab.DOT + 1) : goal - way * (2 * lab.DOT + 4);
      const turn = Math.min(CORNER, Math.abs(track - start) / 2);
      const path = `M${start} ${from}H${track - way * turn}Q${track} ${from} ${track} ${from + turn}` +
        `V${to - CORNER}Q${track} ${to} ${track + way * CORNER} ${to}H${end}`;
      const group = this.add(arrow.sent, "g", { class: "tp-arrow" });
      group.dataset.ended = arrow.ended === null ? Infinity : arrow.ended;
      group.classList.toggle("tp-lost", arrow.lost);
      group.appendChild(make("path", { class: "tp-way", d: path }));
      if (arrives) group.appendChild(make("path", { class: "tp-tip", d: tip(end, to, way) }));
      if (arrow.lost) group.appendChild(make("path", { class: "tp-cross", d: cross(end, to, 5) }));
      const beside = { class: "tp-word", x: goal - way * (2 * lab.DOT + PAD), "text-anchor": way > 0 ? "end" : "start" };
      group.appendChild(make("text", { ...beside, y: to - 6 }, arrow.label));
      const fate = arrow.lost ? "lost" : arrow.ended === null ? "in flight" : "";
      if (fate) group.appendChild(make("text", { ...beside, class: "tp-word tp-fate", y: to + 13 }, fate));
    }

    event(frame, row) {
      const { tops } = this.place.rows;
      const y = tops[row].middle;
      this.add(row, "text", { class: "tp-number", x: 4, y: y + 4 }, String(row + 1));
      const label = this.place.labels[row], text = this.place.badges[row];
      if (!frame.node || ["duplicate", "delay", "reset"].includes(frame.verb)) return this.band(row, y, label);
      const x = this.place.lanes.get(frame.node), first = frame.node === this.place.first;
      if (frame.verb === "drop") return;
      this.add(row, "path", { class: `tp-dot tp-${frame.verb}`, d: shape(frame.verb, x, y) });
      const out = first ? -1 : 1;
      const far = frame.verb === "deliver" ? this.away(frame, x) : out;
      const above = frame.sent.length ? -6 : 4; // a message leaves along this line
      if (label) this.word(row, x - out * (lab.DOT + 8), y + above, label, out > 0 ? "end" : "start");
      if (text) this.word(row, x + far * (lab.DOT + 8), y + 4, text, far > 0 ? "start" : "end", "tp-badge");
    }

    // The side of a dot on which no arrow comes in.
    away(frame, x) {
      const arrived = this.story.arrows.find((arrow) => arrow.id === frame.arrived[0]);
      return arrived && this.place.lanes.get(arrived.from) > x ? -1 : 1;
    }

    // What happens to links, across all lanes.
    band(row, y, label) {
      const right = this.place.width - 4;
      this.add(row, "line", { class: "tp-band", x1: 28, x2: right, y1: y, y2: y });
      const wide = this.place.measure(label, false) + 16, middle = (28 + right) / 2;
      this.add(row, "rect", { class: "tp-plate", x: middle - wide / 2, y: y - 9, width: wide, height: 18, rx: 9 });
      this.word(row, middle, y + 4, label, "middle");
    }

    word(row, x, y, text, anchor, extra = "") {
      this.add(row, "text", { class: `tp-word ${extra}`, x, y, "text-anchor": anchor }, text);
    }

    show(position) {
      const row = position - 1;
      for (const [element, since] of this.parts) {
        element.classList.toggle("tp-future", since > row);
        if (element.dataset.ended) element.classList.toggle("tp-flying", since <= row && Number(element.dataset.ended) > row);
      }
      const top = this.place.rows.tops[row];
      this.now.setAttribute("y", top ? top.top : 0);
      this.now.setAttribute("height", top ? top.height : 14);
    }

    // The position whose row is at this height.
    at(y) {
      const row = this.place.rows.tops.findIndex(({ top, height }) => y >= top && y < top + height);
      return row < 0 ? (y < 20 ? 0 : this.story.length) : row + 1;
    }

    // Where the node that acts has its lane; undefined when none does.
    lane(position) {
      const frame = this.story.frame(position);
      return frame ? this.place.lanes.get(frame.node) : undefined;
    }

    span(position) {
      const top = this.place.rows.tops[position - 1];
      return top ? [top.top, top.top + top.height] : [0, 0];
    }
  }

  function tip(x, y, way) { return `M${x} ${y}l${-way * 8} -4.5v9z`; }

  function cross(x, y, r) { return `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`; }

  // Never colour alone: disks are squares, timers diamonds, requests triangles, arrivals circles.
  function shape(verb, x, y) {
    const r = lab.DOT;
    switch (verb) {
      case "sync": return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
      case "fire": return `M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z`;
      case "submit": return `M${x - r} ${y - r}l${2 * r} ${r}l${-2 * r} ${r}z`;
      case "recover": case "resume": return `M${x} ${y - r}l${r} ${2 * r}h${-2 * r}z`;
      case "crash": case "pause": return cross(x, y, r);
      default: return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    }
  }

  lab.Diagram = Diagram;
})(window.ConsensusLab = window.ConsensusLab || {});
