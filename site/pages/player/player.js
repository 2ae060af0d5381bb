// <trace-player>: a story with its controls. Each keeps its own position, timer and keys.
(function (lab) {
  "use strict";

  const SPEEDS = [["0.5", "½×"], ["1", "1×"], ["2", "2×"], ["4", "4×"]];
  const STEP = 1000, PER_LETTER = 28; // milliseconds at normal speed: a new sentence gets time to be read
  const ICONS = {
    first: "M6 5h2.5v14H6zM19 5v14l-9-7z", back: "M17 5v14l-10-7z", play: "M7 4.5v15l12-7.5z",
    pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z", step: "M7 5v14l10-7z", last: "M5 5v14l9-7zM15.5 5H18v14h-2.5z",
  };
  const KEYS = { ArrowRight: "step", ArrowLeft: "back", Home: "first", End: "last", " ": "play" };

  class TracePlayer extends HTMLElement {
    connectedCallback() {
      if (this.story) return; // moved, not made
      this.story = new lab.Story(JSON.parse(this.querySelector("script").textContent));
      this.position = 0;
      this.build();
      this.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => this.resized()).observe(this);
      this.draw();
    }

    disconnectedCallback() { this.stop(); }

    build() {
      const body = lab.element("div", "tp");
      this.field = lab.element("div", "tp-field");
      Object.assign(this.field, { tabIndex: 0 });
      this.field.setAttribute("role", "group");
      this.field.setAttribute("aria-label", `${this.story.data.title}. Arrow keys step, space plays, Home and End jump.`);
      this.field.addEventListener("click", (event) => this.clicked(event));
      this.nodes = lab.element("div", "tp-nodes");
      this.nodes.setAttribute("aria-label", "State of the nodes");
      this.alarm = lab.element("div", "tp-alarm");
      this.alarm.setAttribute("role", "status");
      this.stage = lab.element("div", "tp-stage");
      this.stage.append(this.field, this.nodes);
      body.append(this.controls(), this.words(), this.alarm, this.stage, this.legend());
      this.insertBefore(body, this.querySelector("details"));
    }

    controls() {
      const bar = lab.element("div", "tp-controls");
      bar.setAttribute("role", "group");
      bar.setAttribute("aria-label", "Playback");
      this.buttons = {
        first: this.button("first", "First"), back: this.button("back", "Step back"), play: this.button("play", "Play"),
        step: this.button("step", "Step"), last: this.button("last", "Last"),
      };
      this.scrub = Object.assign(lab.element("input", "tp-scrub"), { type: "range", min: 0, max: this.story.length, value: 0 });
      this.scrub.setAttribute("aria-label", "Step");
      this.scrub.addEventListener("input", () => { this.stop(); this.go(Number(this.scrub.value)); });
      this.count = lab.element("span", "tp-count");
      bar.append(...Object.values(this.buttons), this.scrub, this.count, this.speedChoice());
      return bar;
    }

    button(action, label) {
      const made = lab.element("button", `tp-button tp-do-${action}`);
      made.type = "button";
      name(made, label);
      made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[action]}"/></svg>`;
      made.addEventListener("click", () => this.act(action));
      return made;
    }

    speedChoice() {
      this.speed = lab.element("select", "tp-speed");
      this.speed.setAttribute("aria-label", "Speed");
      for (const [value, label] of SPEEDS) this.speed.append(new Option(label, value, value === "1", value === "1"));
      return this.speed;
    }

    // Narration first, then the bare fact: the step as the laboratory writes it, and what the rule says of itself.
    words() {
      const box = this.told = lab.element("div", "tp-words");
      box.setAttribute("aria-live", "polite");
      const told = lab.element("div", "tp-told");
      this.caption = lab.element("div", "tp-caption");
      told.append(this.caption, ...this.room());
      this.fact = lab.element("div", "tp-fact");
      box.append(told, this.fact);
      return box;
    }

    // Every narration once more, unseen in the same place, so that the page does not jump when a longer one comes.
    room() {
      const positions = [...Array(this.story.length + 1).keys()];
      const news = positions.filter((position) => this.story.hasNews(position) || position === 0 || position === this.story.length);
      return news.map((position) => {
        const unseen = lab.element("div", "tp-caption tp-unseen");
        unseen.setAttribute("aria-hidden", "true");
        unseen.append(...this.said(position));
        return unseen;
      });
    }

    said(position) {
      return this.story.caption(position).map((sentence) => lab.element("p", "", sentence));
    }

    legend() {
      const held = this.story.data.held ? `  ▨ ${this.story.data.held} held` : "";
      return lab.element("div", "tp-legend", `● arrives  ■ reaches the disk  ◆ timer  ▶ client  ✗ crash or loss  ★ decides${held}`);
    }

    act(action) {
      if (action === "play") return this.timer ? this.stop() : this.play();
      this.stop();
      const to = { first: 0, back: this.position - 1, step: this.position + 1, last: this.story.length };
      this.go(to[action]);
    }

    go(position) {
      this.position = Math.min(Math.max(position, 0), this.story.length);
      this.show();
    }

    play() {
      if (this.position === this.story.length) this.go(0);
      this.tick();
    }

    tick() {
      const said = this.story.hasNews(this.position) ? this.story.caption(this.position).join(" ").length : 0;
      const wait = (STEP + PER_LETTER * said) / Number(this.speed.value);
      this.timer = setTimeout(() => {
        this.go(this.position + 1);
        if (this.position < this.story.length) this.tick(); else this.stop();
      }, this.position ? wait : STEP / 4);
      this.playing(true);
    }

    stop() {
      clearTimeout(this.timer);
      this.timer = null;
      this.playing(false);
    }

    playing(runs) {
      const button = this.buttons.play;
      name(button, runs ? "Pause" : "Play");
      button.querySelector("path").setAttribute("d", runs ? ICONS.pause : ICONS.play);
      this.told.setAttribute("aria-live", runs ? "off" : "polite");
    }

    key(event) {
      const action = KEYS[event.key];
      const own = event.target.closest("select, summary") || (event.key === " " && event.target.closest("button"));
      if (!action || own || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.act(action);
    }

    clicked(event) {
      const inside = event.target.closest(".tp-diagram");
      if (!inside) return;
      this.stop();
      this.go(this.diagram.at(event.clientY - inside.getBoundingClientRect().top));
    }

    resized() {
      if (this.clientWidth && this.clientWidth !== this.drawnFor) this.draw();
    }

    // The nodes stand beside the diagram, or below it when that leaves too little room.
    draw() {
      this.drawnFor = this.clientWidth;
      const measure = ruler(this.field);
      this.stage.classList.remove("tp-stack");
      this.stage.classList.toggle("tp-stack", lab.lay(this.story, 0, measure).width > this.field.clientWidth);
      this.diagram = new lab.Diagram(this.story, this.field.clientWidth, measure);
      this.field.replaceChildren(this.diagram.head, this.diagram.svg);
      this.show();
    }

    show() {
      const { story, position } = this;
      this.diagram.show(position);
      this.dataset.position = position;
      this.scrub.value = position;
      this.scrub.setAttribute("aria-valuetext", `${position} of ${story.length}: ${story.headline(position)}`);
      this.count.textContent = `${position} / ${story.length}`;
      for (const name of ["first", "back"]) this.buttons[name].setAttribute("aria-disabled", position === 0);
      for (const name of ["step", "last"]) this.buttons[name].setAttribute("aria-disabled", position === story.length);
      renew(this.caption, this.said(position));
      this.caption.classList.toggle("tp-older", position > 0 && !story.hasNews(position));
      renew(this.fact, this.bare(story.frame(position)));
      this.promises();
      this.nodes.replaceChildren(...story.data.lanes.map((lane) => lab.card(story, lane, position)));
      this.follow();
    }

    bare(frame) {
      if (!frame) return [lab.element("code", "", `${this.story.length} steps`)];
      const time = lab.element("span", "tp-time", `${frame.time.toFixed(3)} s`);
      const parts = [time, lab.element("code", "", frame.choice.replace(/->/g, "→"))];
      if (frame.rule) parts.push(lab.element("span", "tp-why", frame.why ? `${frame.rule}: ${frame.why}` : frame.rule));
      return parts;
    }

    // The invariants hold until one is refuted; then the witness stays in sight.
    promises() {
      const refuted = this.story.refuted(this.position);
      this.alarm.classList.toggle("tp-refuted", refuted.length > 0);
      const all = this.story.data.invariants.map((claim) => claim.name).join(", ");
      renew(this.alarm, refuted.length
        ? refuted.map(({ step, sentence }) => lab.element("p", "", `✗ Step ${step}: ${sentence}`))
        : [lab.element("p", "", all && `✓ ${all} hold`)]);
    }

    // Keeps the present row and the acting node in sight, scrolling the player's own panes and never the page.
    follow() {
      const [top, bottom] = this.diagram.span(this.position);
      const room = this.field.clientHeight - 60;
      if (bottom > this.field.scrollTop + room) this.field.scrollTop = bottom - room + 40;
      else if (top < this.field.scrollTop) this.field.scrollTop = Math.max(0, top - 40);
      const x = this.diagram.lane(this.position), margin = Math.min(120, this.field.clientWidth / 3);
      if (x !== undefined && x > this.field.scrollLeft + this.field.clientWidth - margin) this.field.scrollLeft = x + margin - this.field.clientWidth;
      else if (x !== undefined && x < this.field.scrollLeft + margin) this.field.scrollLeft = x - margin;
      const acting = this.nodes.querySelector(".tp-acts");
      if (!acting) return;
      const above = acting.offsetTop - this.nodes.offsetTop, below = above + acting.offsetHeight - this.nodes.clientHeight;
      if (this.nodes.scrollTop > above || this.nodes.scrollTop < below) this.nodes.scrollTop = Math.min(above, Math.max(below, 0));
    }
  }

  // Only what is new is put in place, because a screen reader says it.
  function renew(holder, parts) {
    const same = parts.length === holder.children.length && parts.every((part, index) => part.isEqualNode(holder.children[index]));
    if (!same) holder.replaceChildren(...parts);
  }

  function name(button, label) {
    button.title = label;
    button.setAttribute("aria-label", label);
  }

  // How wide a text will be, in the page's own font.
  function ruler(element) {
    const context = document.createElement("canvas").getContext("2d");
    const family = getComputedStyle(element).fontFamily;
    return (text, bold) => {
      context.font = `${bold ? "bold " : ""}12px ${family}`;
      return context.measureText(text).width;
    };
  }

  if (!customElements.get("trace-player")) customElements.define("trace-player", TracePlayer);
})(window.ConsensusLab = window.ConsensusLab || {});
