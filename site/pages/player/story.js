// A story: one exported trace, and the state of everything at each position. Position 0 is before the first step.
// It draws nothing and knows no protocol.
(function (lab) {
  "use strict";

  class Story {
    constructor(data) {
      this.data = data;
      this.frames = data.frames;
      this.lanes = data.lanes.map((lane) => lane.id);
      this.states = [data.start];
      for (const frame of data.frames) this.states.push({ ...this.states[this.states.length - 1], ...frame.states });
      this.arrows = gather(data.sent, data.frames);
    }

    get length() { return this.frames.length; }

    frame(position) { return position ? this.frames[position - 1] : null; }

    state(node, position) { return this.states[position][node]; }

    before(node, position) { return this.states[Math.max(position - 1, 0)][node]; }

    // The newest narration at or before this step; after the last step also what closes the story.
    caption(position) {
      if (!position) return ["Take the first step: the button with one arrow, or the right arrow key."];
      let said = [];
      for (let index = 0; index < position; index++) if (this.frames[index].captions.length) said = this.frames[index].captions;
      return position === this.length ? [...said, ...this.data.closing] : said;
    }

    hasNews(position) { return Boolean(position && this.frame(position).captions.length); }

    decisions(node, position) {
      const made = this.frames.slice(0, position).flatMap((frame) => frame.decisions);
      return [...new Set(made.filter((decision) => decision.node === node).map((decision) => decision.value))];
    }

    // Everything refuted so far: {step, sentence}.
    refuted(position) {
      return this.frames.slice(0, position).flatMap((frame, index) =>
        frame.violations.map((sentence) => ({ step: index + 1, sentence })));
    }

    // What the step was, as one line of text.
    headline(position) {
      const frame = this.frame(position);
      return frame ? frame.choice : "Before the first step";
    }
  }

  // Every message once: from the row it was sent in (-1: when all were switched on, before the first step) to the row it
  // arrived or was lost in (null: still in flight).
  function gather(begun, frames) {
    const arrows = new Map(begun.map((arrow) => [arrow.id, { ...arrow, sent: -1, ended: null, lost: false }]));
    frames.forEach((frame, row) => {
      for (const id of frame.arrived) Object.assign(arrows.get(id) || {}, { ended: row, lost: false });
      for (const id of frame.lost) Object.assign(arrows.get(id) || {}, { ended: row, lost: true });
      for (const arrow of frame.sent) arrows.set(arrow.id, { ...arrow, sent: row, ended: null, lost: false });
    });
    return [...arrows.values()];
  }

  // State.READY reads READY, None reads an empty set sign.
  function plain(value) {
    if (value === "None") return "∅";
    const name = /^[A-Z]\w*\.([A-Z][A-Z0-9_]*)$/.exec(value);
    return name ? name[1] : value;
  }

  // Commit(T1) reads Commit.
  function kind(value) { return value.replace(/\(.*$/s, ""); }

  Object.assign(lab, { Story, plain, kind });
})(window.ConsensusLab = window.ConsensusLab || {});
