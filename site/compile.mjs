// node compile.mjs PYODIDE FOLDER OUT.zip PLACE KEEP...: the Python modules of a folder, compiled, as a zip archive, not compressed.
// Python in a browser then has nothing to compile when it starts. The compiler is the same Pyodide, in Node.js.
// PLACE is where the folder will stand in the browser; the packages KEEP keep their sources beside what is compiled.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [home, folder, archive, place, ...keep] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(home, "pyodide.mjs")).href);
const pyodide = await loadPyodide();
for (const name of readdirSync(folder, { recursive: true })) {
  const path = join(folder, name);
  if (!statSync(path).isFile()) continue;
  pyodide.FS.mkdirTree(dirname(join("/in", name)));
  pyodide.FS.writeFile(join("/in", name), new Uint8Array(readFileSync(path)));
}
pyodide.globals.set("place", place);
pyodide.globals.set("keep", pyodide.toPy(keep));
pyodide.runPython(`
import compileall, py_compile, zipfile
from pathlib import Path

top, unchecked = Path("/in"), py_compile.PycInvalidationMode.UNCHECKED_HASH
for path in sorted(top.iterdir()):
    options = {"quiet": 2, "stripdir": "/in", "prependdir": place, "invalidation_mode": unchecked}
    if path.is_dir():
        compileall.compile_dir(path, legacy=path.name not in keep, **options)
    elif path.suffix == ".py":
        compileall.compile_file(path, legacy=path.name not in keep, **options)
with zipfile.ZipFile("/out.zip", "w") as packed:
    for path in sorted(path for path in top.rglob("*") if path.is_file()):
        if path.suffix != ".py" or not path.with_suffix(".pyc").exists():
            name = zipfile.ZipInfo(path.relative_to(top).as_posix())  # without a date: every build is the same
            packed.writestr(name, path.read_bytes())
`);
writeFileSync(archive, pyodide.FS.readFile("/out.zip"));
