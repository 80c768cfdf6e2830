"""Executes a notebook cell by cell: run_notebook.py NOTEBOOK OUTPUT [seconds a cell].

Says on stderr which section runs, shows the progress bars that cells draw, and how long each section took. Exits with 1
when a cell fails, or when something that a cell left running fails; the output is written all the same.
"""

import html
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

# gives work that the last cell left behind a moment to fail; not part of the output
LAST_LOOK = "await new Promise((resolve) => setTimeout(resolve, 100))"

# seconds between two lines of progress where the output is a file; a terminal rewrites one line
QUIET = 10


class Progress:
    """A line for each section; below it the bar of a long cell, rewritten in a terminal."""

    def __init__(self, cells):
        self.sections = sections(cells)
        self.current = None
        self.began = self.shown = 0.0
        self.bar = ""
        self.terminal = sys.stderr.isatty()

    def begin(self, cell, cell_index):
        section = self.sections.get(cell.id)
        if section is None or section == self.current:
            return
        self.end_section()
        self.current = section
        self.began = self.shown = time.monotonic()
        print(section, file=sys.stderr, flush=True)

    def update(self, data):
        """Takes the data of an output; one that holds a progress bar is shown as its text."""
        bar = bar_text(data)
        if not bar:
            return
        self.bar = bar
        now = time.monotonic()
        if self.terminal or now - self.shown >= QUIET:
            self.shown = now
            self.draw()

    def draw(self):
        start, end = ("\r\x1b[2K", "") if self.terminal else ("", "\n")
        print(f"{start}    {self.bar}", end=end, file=sys.stderr, flush=True)

    def end_section(self):
        if self.bar:
            self.draw()
            self.bar = ""
            if self.terminal:
                print(file=sys.stderr)
        if self.current:
            print(f"    {time.monotonic() - self.began:.1f} s", file=sys.stderr, flush=True)


class Client(NotebookClient):
    """Shows progress bars while a cell runs."""

    progress = None

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("display_data", "update_display_data"):
            self.progress.update(msg["content"]["data"])
        return super().process_message(msg, cell, cell_index)


def sections(cells):
    """By a code cell's id: the heading above it."""
    found, heading = {}, None
    for cell in cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#{1,3} +(.+)$", cell.source, re.MULTILINE)
            heading = plain(headings[-1]) if headings else heading
        elif cell.cell_type == "code" and cell.source.strip():
            found[cell.id] = heading or "before the first heading"
    return found


def plain(markdown):
    """A heading without the signs of Markdown."""
    linked = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"[*_`]", "", linked).strip()


def bar_text(data):
    """The text beside a progress bar, or an empty string."""
    drawn = data.get("text/html", "")
    drawn = "".join(drawn) if isinstance(drawn, list) else drawn
    if "<progress" not in drawn:
        return ""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", drawn)).split())


def execute(notebook, timeout=3600):
    """Executes in place and returns the failure as a sentence, or None."""
    progress = Progress(notebook.cells)
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_LOOK))
    client = Client(notebook, timeout=int(timeout), kernel_name="tslab")
    client.progress = progress
    client.on_cell_start = progress.begin
    try:
        client.execute()
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    finally:
        progress.end_section()
        notebook.cells.pop()


def main(source, target, timeout=3600):
    notebook = nbformat.read(source, as_version=4)
    failure = None
    try:
        failure = execute(notebook, timeout)
    finally:
        nbformat.write(notebook, target)
    if failure:
        print(f"the notebook failed: {failure}", file=sys.stderr)
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
