// The nodes beside the diagram: state with what changed, journal, timers, decisions.
(function (lab) {
  "use strict";

  function element(tag, className = "", text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function card(story, lane, position) {
    const now = story.state(lane.id, position), before = story.before(lane.id, position);
    const frame = story.frame(position);
    const box = element("section", "tp-node");
    box.classList.toggle("tp-acts", Boolean(frame && frame.node === lane.id));
    box.classList.toggle("tp-down", !now.up);
    const head = element("div", "tp-node-head");
    head.append(element("strong", "", lane.id), element("span", "tp-role", lane.role === lane.id ? "" : lane.role));
    head.append(element("span", "tp-life-word", !now.up ? "✗ down" : now.paused ? "‖ paused" : ""));
    const list = element("dl");
    if (now.up) for (const [name, value] of Object.entries(now.facts)) row(list, name, fact(value, before.facts[name]));
    row(list, "journal", records(now, before));
    if (now.timers.length) row(list, "timers", now.timers.map((timer) => chip(lab.kind(timer), timer, !before.timers.includes(timer))));
    const decided = story.decisions(lane.id, position);
    if (decided.length) row(list, "decided", decided.map((value) => element("strong", "tp-decided", `★ ${value}`)));
    box.append(head, list);
    return box;
  }

  function row(list, name, values) {
    const holder = element("dd");
    holder.append(...values);
    list.append(element("dt", "", name), holder);
  }

  function fact(value, earlier) {
    const shown = lab.plain(value);
    if (earlier === undefined || earlier === value) return [document.createTextNode(shown)];
    return [element("mark", "", shown), element("span", "tp-was", ` was ${lab.plain(earlier)}`)];
  }

  function records(now, before) {
    const known = before.journal.length;
    const durable = now.journal.map((record, index) => chip(`■ ${record}`, "on disk: survives a crash", index >= known));
    const waiting = now.unwritten.map((record) => {
      const made = chip(`□ ${record}`, "not on disk yet: a crash would lose it", !before.unwritten.includes(record));
      made.classList.add("tp-unwritten");
      return made;
    });
    return durable.length + waiting.length ? [...durable, ...waiting] : [document.createTextNode("empty")];
  }

  function chip(text, title, fresh) {
    const made = element("span", fresh ? "tp-chip tp-fresh" : "tp-chip", text);
    made.title = title;
    return made;
  }

  Object.assign(lab, { card, element });
})(window.ConsensusLab = window.ConsensusLab || {});
