// The page "In the browser": Python runs here, in a worker, and writes the lesson of what was typed.

const VERSION = "314.0.7"; // of Pyodide; the test runs npm's package of this version
const HOME = new URL(".", import.meta.url);

/** Start Python with NumPy, SymPy and Proofgrad.
 *
 * @param load   Pyodide's loadPyodide.
 * @param wheel  The bytes of Proofgrad's wheel.
 * @param say    Told in words how far it is.
 * @param options For loadPyodide: indexURL, or packages from elsewhere.
 */
export async function started(load, wheel, say = () => {}, options = {}) {
  say("loading Python …");
  const python = await load(options);
  say("loading NumPy and SymPy …");
  const problems = []; // what cannot be fetched is told, not thrown
  const tell = { messageCallback: () => {}, errorCallback: (words) => problems.push(words) };
  await python.loadPackage(["numpy", "sympy"], tell);
  if (problems.length) throw new Error(`NumPy and SymPy are not reachable: ${problems.join(" ")}`);
  say("loading Proofgrad …");
  unpacked(python, wheel);
  await python.runPythonAsync("from verify.lesson.typed_in import page_of_text");
  say("ready");
  return python;
}

/** Proofgrad's files, where Python looks for packages. */
export function unpacked(python, wheel) {
  const extractDir = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  python.unpackArchive(new Uint8Array(wheel), "whl", { extractDir });
}

/** The lesson of a text: {page} or {error}, what is wrong in words. */
export function lesson(python, text, at) {
  python.globals.set("typed", text);
  python.globals.set("where", at);
  const answer = python.runPython(`
import json
from autodiff.errors import ProofgradError
try:
    answer = {"page": page_of_text(typed, where)}
except ProofgradError as error:
    answer = {"error": str(error)}
except Exception as error:
    answer = {"error": f"{type(error).__name__}: {error}"}
json.dumps(answer)
`);
  return JSON.parse(answer);
}

// --- in the worker: everything that takes time ---

async function serve(scope) {
  let python;
  scope.onmessage = async ({ data }) => {
    try {
      const say = (words) => scope.postMessage({ words });
      if (python === undefined) {
        const index = `https://cdn.jsdelivr.net/pyodide/v${VERSION}/full/`;
        const { loadPyodide } = await import(`${index}pyodide.mjs`);
        const list = await fetch(new URL("browser/wheel.json", HOME));
        const { wheel } = await list.json();
        const bytes = await (await fetch(new URL(`browser/${wheel}`, HOME))).arrayBuffer();
        python = await started(loadPyodide, bytes, say, { indexURL: index });
      }
      say("tracing, differentiating, proving …");
      scope.postMessage(lesson(python, data.text, data.at));
    } catch (problem) {
      scope.postMessage({ error: `Python could not be loaded: ${problem.message ?? problem}` });
    }
  };
}

// --- in the page ---

function begin(page) {
  const find = (name) => page.querySelector(`#browser-${name}`);
  const [text, at, run, status, frame] = ["text", "at", "run", "status", "lesson"].map(find);
  let worker;

  const show = (words, wrong = false) => {
    status.textContent = words;
    status.classList.toggle("wrong", wrong);
  };
  const told = ({ data }) => {
    if (data.words !== undefined) {
      show(data.words);
      return;
    }
    run.disabled = false;
    if (data.error !== undefined) {
      show(data.error, true);
      return;
    }
    show("Step through it below: forward, backward, verdict.");
    frame.srcdoc = data.page;
    frame.hidden = false;
  };
  run.addEventListener("click", () => {
    run.disabled = true;
    if (worker === undefined) {
      worker = new Worker(import.meta.url, { type: "module" });
      worker.onmessage = told;
      worker.onerror = () => told({ data: { error: "This browser runs no module workers." } });
    }
    worker.postMessage({ text: text.value, at: at.value });
  });
  run.disabled = false;
}

if (typeof document !== "undefined") {
  if (document.querySelector("#browser-run")) begin(document);
} else if (typeof self !== "undefined" && typeof self.importScripts !== "undefined") {
  serve(self);
}
