"""The notebooks of the course: course.py build|prose|draw|check|pair [NAME ...]

Each notebook has a text, `notebooks/text/NAME.md`, which is what people edit and what differences are read in.

build  makes the notebook from its text, executes it and keeps its outputs, without what changes from run to run.
prose  takes over what changed between the cells of code, or only in their layout, and keeps the outputs.
draw   draws the still pictures of a built notebook again, from the plots that it holds.
check  executes the committed notebook and compares: the kinds of all outputs, and their text with numbers left out. In cells
       tagged `equal` the numbers count, too; in cells tagged `volatile` nothing does.
pair   only compares the sources of notebook and text.

Run by `npm run notebooks:build`, `notebooks:prose` and `notebooks:check`.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import jupytext
import nbformat

from run_notebook import execute

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
PLOT = "application/vnd.plotly.v1+json"
# what JupyterLab's jupytext extension needs to keep both files in step
FORMATS = "ipynb,text//md"
# as the kernel tells it: known before it is asked, and the same whether it was heard or not
LANGUAGE = {
    "codemirror_mode": "typescript",
    "file_extension": ".ts",
    "mimetype": "text/typescript",
    "name": "typescript",
    "nbconvert_exporter": "script",
    "version": "6.0.3",
}


def notebooks(names):
    """Names such as `01-tutorial` or `solutions/01-tutorial`, or parts of names; all when none is given."""
    found = [path.stem for path in sorted((FOLDER / "text").glob("*.md"))]
    found += [f"solutions/{path.stem}" for path in sorted((FOLDER / "solutions" / "text").glob("*.md"))]
    unknown = [name for name in names if not any(name in known for known in found)]
    if unknown:
        sys.exit(f"error: E_NOTEBOOK: no notebook {', '.join(unknown)}; there are {', '.join(found)}")
    return [known for known in found if not names or any(known == name or (name in known and name not in found) for name in names)]


def paths(name):
    notebook = FOLDER / f"{name}.ipynb"
    return notebook, notebook.parent / "text" / f"{notebook.stem}.md"


def from_text(text):
    """The notebook of a text, with ids that stay as long as the cells do."""
    notebook = jupytext.read(text)
    seen = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        attach(cell)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {
            "jupytext": {"formats": FORMATS},
            "kernelspec": {"display_name": "TypeScript (tslab)", "language": "typescript", "name": "tslab"},
            "language_info": LANGUAGE,
        }
    )
    return notebook


def attach(cell):
    """A picture that the prose names goes into the notebook, so that it is there wherever the notebook or a page of it goes."""
    names = re.findall(r"\]\(attachment:([\w.-]+\.png)\)", cell.source) if cell.cell_type == "markdown" else []
    if names:
        picture = {name: base64.b64encode((FOLDER / "pictures" / name).read_bytes()).decode() for name in names}
        cell.attachments = nbformat.from_dict({name: {"image/png": data} for name, data in picture.items()})


def clean(notebook):
    """Without times, and without where this project and its user are."""
    places = {str(ROOT): ".", os.path.expanduser("~"): "~"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            output.get("metadata", {}).pop("transient", None)
            if PLOT in output.get("data", {}):
                # the whole plot again, for pages; the still picture stands there
                output["data"].pop("text/html", None)
            for key, value in list(output.get("data", {}).items()) + [("text", output.get("text"))]:
                if not isinstance(value, str):
                    continue
                for place, short in places.items():
                    value = value.replace(f"{place}/", f"{short}/" if short != "." else "")
                if key == "text":
                    output["text"] = value
                else:
                    output["data"][key] = value


def add_pictures(notebook):
    """A still picture beside each plot: where no script runs, on paper and on the web, it is what shows."""
    plots = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if PLOT in output.get("data", {})
    ]
    if not plots:
        return
    figures = json.dumps([output["data"][PLOT] for output in plots])
    command = ["node", "--import", "tsx", str(ROOT / "kernel" / "pictures.ts")]
    drawn = subprocess.run(command, input=figures, capture_output=True, text=True, cwd=ROOT)
    if drawn.returncode != 0:
        sys.exit(f"error: E_NOTEBOOK: the plots could not be drawn: {drawn.stderr.strip()}")
    for output, picture in zip(plots, json.loads(drawn.stdout)):
        output["data"]["image/png"] = picture["png"]
        # in the page's pixels; the words are for readers who do not see it
        shown = {"width": picture["width"], "height": picture["height"], "alt": output["data"]["text/plain"]}
        output["metadata"] = {**output.get("metadata", {}), "image/png": shown}


def build(name):
    path, text = paths(name)
    notebook = from_text(text)
    failure = execute(notebook)
    clean(notebook)
    if not failure:
        add_pictures(notebook)
        write(notebook, path)
    return failure and failure.text


def prose(name):
    path, text = paths(name)
    notebook, built = from_text(text), nbformat.read(path, as_version=4)
    old, new = ([cell for cell in side.cells if cell.cell_type == "code"] for side in (built, notebook))
    if [layout_free(cell.source) for cell in old] != [layout_free(cell.source) for cell in new]:
        return "its code changed: build it"
    for before, after in zip(old, new):
        after.outputs, after.execution_count = before.outputs, before.execution_count
        for output in after.outputs:
            if output.output_type == "execute_result":
                output.execution_count = after.execution_count
    write(notebook, path)
    return None


def layout_free(code):
    """Code without comments, line breaks, and what goes with them: it does the same."""
    code = re.sub(r"\s+", "", re.sub(r"(^|\s)//.*", "", code))
    return re.sub(r"'\+'|[,;](?=[)\]}])|;$", "", code)


def draw(name):
    path, text = paths(name)
    notebook = nbformat.read(path, as_version=4)
    add_pictures(notebook)
    write(notebook, path)
    return None


def write(notebook, path):
    """Rows of numbers on one line each, not a line a number: plots are mostly these. JSON's texts hold no raw newline."""
    number = r"(?:-?\d[\d.eE+-]*|null)"
    rows = re.compile(rf"\[\n\s*({number}(?:,\n\s*{number})*)\n\s*\]")
    text = rows.sub(lambda row: "[" + re.sub(r",\s+", ", ", row[1]) + "]", nbformat.writes(notebook))
    path.write_text(f"{text}\n", encoding="utf-8")


def without_numbers(text):
    """Numbers, and the spaces that align them, are one mark each."""
    text = re.sub(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", "#", text)
    return re.sub(r"[ \u2500-\u259f]+", " ", text)


def shown(output):
    """What a person sees of an output, by kind. Pictures and plots are compared by their text."""
    if output.output_type == "stream":
        return {output.name: output.text}
    if output.output_type == "error":
        return {"error": output.evalue}
    kinds = {"text/plain", "text/html", "text/markdown"}
    return {kind: str(value) if kind in kinds else "" for kind, value in output.data.items()}


def merged(outputs):
    """What a person sees of the outputs. Lines that were printed one after another may arrive together or not."""
    seen = []
    for output in map(shown, outputs):
        if seen and set(output) == set(seen[-1]) and set(output) <= {"stdout", "stderr"}:
            seen[-1] = {name: seen[-1][name] + text for name, text in output.items()}
        else:
            seen.append(output)
    return seen


def differences(committed, executed):
    for number, (before, after) in enumerate(zip(committed.cells, executed.cells)):
        tags = before.metadata.get("tags", [])
        if before.cell_type != "code" or "volatile" in tags:
            continue
        same = (lambda text: text) if "equal" in tags else without_numbers
        old, new = (merged(cell.outputs) for cell in (before, after))
        for one in old:
            one.pop("image/png", None) if PLOT in one else None
        old, new = ([{kind: same(text) for kind, text in one.items()} for one in side] for side in (old, new))
        if old != new:
            yield number, before.source.split("\n")[0], old, new


def check(name):
    path, text = paths(name)
    unpaired = pair(name)
    if unpaired:
        return unpaired
    committed = nbformat.read(path, as_version=4)
    if not any(cell.get("outputs") for cell in committed.cells):
        return "it has no outputs; build it"
    executed = from_text(text)
    failure = execute(executed)
    if failure:
        return failure.text
    clean(executed)
    found = list(differences(committed, executed))
    for number, line, old, new in found:
        print(f"  cell {number}  {line}\n    committed {str(old)[:600]}\n    executed  {str(new)[:600]}", file=sys.stderr)
    return f"{len(found)} cells differ" if found else None


def pair(name):
    path, text = paths(name)
    if not path.exists():
        return "it was never built"
    sides = [nbformat.read(path, as_version=4), from_text(text)]
    parts = lambda cell: (cell.cell_type, cell.source, cell.metadata.get("tags", []), cell.get("attachments", {}))
    sources = [[parts(cell) for cell in side.cells] for side in sides]
    if sources[0] == sources[1]:
        return None
    return f"{path.name} and {text.relative_to(FOLDER)} differ; build it, or `jupytext --sync` what you changed"


def main(action, *names):
    os.chdir(ROOT)
    failures = 0
    for name in notebooks(names):
        began = time.monotonic()
        failure = {"build": build, "prose": prose, "draw": draw, "check": check, "pair": pair}[action](name)
        failures += failure is not None
        print(f"{name}: {failure or 'good'} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
