"""Executes a notebook cell by cell: run_notebook.py NOTEBOOK OUTPUT [seconds a cell].

Says on stderr which cell runs and how long it took. Exits with 1 when a cell fails, or when something that a cell left
running fails; the output is written all the same.
"""

import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

# gives work that the last cell left behind a moment to fail; not part of the output
LAST_LOOK = "await new Promise((resolve) => setTimeout(resolve, 100))"


class Progress:
    """One line when a cell begins, one when it has ended."""

    def __init__(self, cells):
        self.ids = [cell.id for cell in cells if cell.cell_type == "code" and cell.source.strip()]

    def begin(self, cell, cell_index):
        self.began = time.monotonic()
        self.say(cell, cell.source.strip().split("\n")[0][:70])

    def end(self, cell, cell_index, execute_reply):
        self.say(cell, f"{time.monotonic() - self.began:.1f} s")

    def say(self, cell, text):
        if cell.id in self.ids:
            print(f"cell {self.ids.index(cell.id) + 1}/{len(self.ids)}  {text}", file=sys.stderr, flush=True)


def execute(notebook, timeout=3600):
    """Executes in place and returns the failure as a sentence, or None."""
    progress = Progress(notebook.cells)
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_LOOK))
    client = NotebookClient(notebook, timeout=int(timeout), kernel_name="tslab")
    client.on_cell_start = progress.begin
    client.on_cell_executed = progress.end
    try:
        client.execute()
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    finally:
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
