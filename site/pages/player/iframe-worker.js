// Browsers start no worker for a page that was opened as a file. The search then works in a hidden frame instead.
// (Its name tells Material's offline plugin that it need not look for such a script elsewhere.)
(function () {
  "use strict";

  if (location.protocol !== "file:") return;

  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.ready = new Promise((resolve) => {
        const script = frame.contentDocument.createElement("script");
        Object.assign(script, { src: url, onload: resolve });
        frame.contentDocument.body.append(script);
      });
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
})();
