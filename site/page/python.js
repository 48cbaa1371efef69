// Python, as the frame sees it: a worker that is asked one thing after the other, and can be stopped.

export class Python {
  // `tell(state)` hears "starting", "ready", "working", or what went wrong.
  constructor(tell) {
    this.tell = tell;
    this.queue = []; // of {request, resolve}
    this.current = null; // the one that the worker is at
    this.isReady = false;
  }

  // `files` are what the page has fetched; the WebAssembly is compiled once, for all workers.
  async begin(files, wasm) {
    this.files = { ...files, wasm: await WebAssembly.compile(wasm) };
    this.start();
  }

  start() {
    this.tell("starting");
    const source = new Blob([this.files.worker], { type: "text/javascript" });
    this.worker = new Worker(URL.createObjectURL(source));
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = ({ message }) => this.tell(`Python did not start: ${message}`);
    this.worker.postMessage({ files: this.files });
  }

  hear({ ready, failed, answer }) {
    if (failed) return this.tell(`Python did not start: ${failed}`);
    if (ready) this.isReady = true;
    else this.current.resolve(answer);
    this.current = null;
    this.next();
    if (this.current === null) this.tell("ready");
  }

  // The answer to a request; null if it was not asked to the end: Python was stopped, or another formula came.
  ask(request) {
    return new Promise((resolve) => {
      const isOutdated = (each) => request.kind === "formula" && each.request.kind === "formula";
      for (const each of this.queue.filter(isOutdated)) each.resolve(null);
      this.queue = [...this.queue.filter((each) => !isOutdated(each)), { request, resolve }];
      this.next();
    });
  }

  next() {
    if (!this.isReady || this.current || this.queue.length === 0) return;
    this.current = this.queue.shift();
    this.tell("working");
    this.worker.postMessage({ request: this.current.request });
  }

  // Ends whatever runs, an endless loop too, and starts afresh.
  stop() {
    this.worker?.terminate();
    this.isReady = false;
    this.current?.resolve(null);
    this.current = null;
    if (this.files) this.start();
  }
}
