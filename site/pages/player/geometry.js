// Where everything of a space-time diagram stands: time runs down, lanes are nodes, a message leaves its lane on a track
// of its own and crosses over in the row in which it arrives, so that no two labels ever share a place.
(function (lab) {
  "use strict";

  const ROW = 32, TOP = 18, TRACK = 8, DOT = 6, GUTTER = 24, PAD = 8;

  function lay(story, width, measure) {
    const rows = heights(story);
    const tracks = assign(story);
    const badges = story.frames.map((frame, row) => badge(story, frame, row));
    const labels = story.frames.map((frame) => label(frame, story));
    const first = story.lanes[0], last = story.lanes[story.lanes.length - 1];
    const outside = (lane) => Math.max(20, ...badges.map((text, row) =>
      text && story.frames[row].node === lane ? measure(text, true) + 2 * PAD + DOT : 0));
    const deepest = Math.max(0, ...tracks.values()) + 1;
    const names = Math.max(0, ...story.arrows.map((arrow) => measure(arrow.label, false)));
    const left = GUTTER + outside(first), right = outside(last) + 4;
    const needed = names + deepest * TRACK + 3 * DOT + 2 * PAD;
    const gaps = Math.max(1, story.lanes.length - 1);
    const gap = Math.min(Math.max(needed, (width - left - right) / gaps), 240);
    const lanes = new Map(story.lanes.map((lane, index) => [lane, left + index * gap]));
    return { rows, tracks, badges, labels, lanes, measure, width: left + gap * (story.lanes.length - 1) + right,
             height: rows.end, first };
  }

  // The middle of each row; a row in which several messages end is as many lines high.
  function heights(story) {
    const tops = [], lines = [];
    let y = TOP;
    story.frames.forEach((frame, row) => {
      const ended = [...frame.arrived, ...frame.lost];
      lines[row] = new Map(ended.map((id, index) => [id, y + index * ROW + ROW / 2]));
      tops[row] = { top: y, middle: y + ROW / 2, height: Math.max(1, ended.length) * ROW };
      y += tops[row].height;
    });
    const flying = new Map();
    for (const arrow of story.arrows) if (arrow.ended === null) { flying.set(arrow.id, y + ROW / 2); y += ROW; }
    const at = (arrow) => (arrow.ended === null ? flying : lines[arrow.ended]).get(arrow.id);
    const middle = (row) => (row < 0 ? 2 : row < tops.length ? tops[row].middle : y + 4); // -1: before the first step
    return { tops, at, middle, end: y + 8 };
  }

  // Beside its sender's lane each message runs down on the first track that is free from its sending to its end.
  function assign(story) {
    const busy = new Map(), tracks = new Map();
    for (const arrow of [...story.arrows].sort((one, other) => one.sent - other.sent)) {
      const key = arrow.from + side(story, arrow), until = arrow.ended === null ? Infinity : arrow.ended;
      const taken = busy.get(key) || busy.set(key, []).get(key);
      let track = taken.findIndex((end) => end <= arrow.sent);
      if (track < 0) track = taken.length;
      taken[track] = until;
      tracks.set(arrow.id, track);
    }
    return tracks;
  }

  function side(story, arrow) { return story.lanes.indexOf(arrow.to) < story.lanes.indexOf(arrow.from) ? -1 : 1; }

  // Beside the dot: the state that the node is in from now on, and what it decided.
  function badge(story, frame, row) {
    if (!frame.node) return "";
    const now = story.state(frame.node, row + 1), then = story.before(frame.node, row + 1);
    const state = now.facts.state !== undefined && now.facts.state !== then.facts.state ? [lab.plain(now.facts.state)] : [];
    return [...state, ...frame.decisions.map((decision) => `★ ${lab.kind(decision.value)}`)].join(" ");
  }

  // What happened, in a few words, where no arrow says it.
  function label(frame, story) {
    const records = frame.node && frame.states[frame.node] ? frame.states[frame.node].journal : [];
    switch (frame.verb) {
      case "deliver": case "drop": return "";
      case "submit": return `client: ${frame.label}`;
      case "fire": return `timer ${frame.label}`;
      case "sync": return `disk: ${newest(story, frame, records).map(lab.kind).join(", ")}`;
      case "crash": return "crash";
      case "recover": return "up again";
      case "pause": return "pause";
      case "resume": return "resume";
      default: return frame.choice.replace(/->/g, "→");
    }
  }

  function newest(story, frame, records) {
    const before = story.before(frame.node, story.frames.indexOf(frame) + 1).journal.length;
    return records.slice(before);
  }

  Object.assign(lab, { lay, sideOf: side, ROW, TRACK, DOT });
})(window.ConsensusLab = window.ConsensusLab || {});
