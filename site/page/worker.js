// Python in a worker of its own: started once, then it answers one request after the other (answers.py).
//
// The worker has no network and no storage: its document is sandboxed and has a Content-Security-Policy that allows no
// connection. All that Pyodide would fetch is handed over by the page.

importScripts = undefined; // Pyodide refuses workers that have it; a module worker cannot begin in a sandbox

const moduleFrom = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));

async function start({ pyodide, machine, library, packages, lock, answers, wasm }) {
  const { loadPyodide } = await moduleFrom(pyodide);
  const { default: createPyodideModule } = await moduleFrom(machine);
  self.fetch = async (url) => new Response(String(url).endsWith(".zip") ? library : null);
  WebAssembly.instantiateStreaming = async (_, imports) => ({ module: wasm, instance: await WebAssembly.instantiate(wasm, imports) });
  const nowhere = "https://nowhere.invalid/";
  const lockFileContents = JSON.stringify({ info: JSON.parse(lock).info, packages: {} });
  const python = await loadPyodide({ indexURL: nowhere, packageBaseUrl: nowhere, createPyodideModule, lockFileContents });
  python.unpackArchive(packages, "zip", { extractDir: "/lib/chainrule" });
  python.FS.writeFile("/lib/chainrule/answers.py", answers);
  python.runPython("import sys; sys.path.append('/lib/chainrule')");
  const { answer } = python.pyimport("answers");
  const canWait = "Suspending" in WebAssembly; // so that Python may wait, for Graphviz to start; not in each browser yet
  return canWait ? (request) => answer.callPromising(request) : answer;
}

let answer;

onmessage = async ({ data }) => {
  if (data.files) {
    answer = start(data.files);
    answer.then(() => postMessage({ ready: true }), (error) => postMessage({ failed: String(error) }));
    return;
  }
  try {
    const ask = await answer;
    postMessage({ answer: JSON.parse(await ask(JSON.stringify(data.request))) });
  } catch (error) {
    postMessage({ answer: { error: String(error) } });
  }
};
