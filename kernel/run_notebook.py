"""Executes a notebook cell by cell: run_notebook.py NOTEBOOK OUTPUT [seconds a cell].

Exits with 1 when a cell fails, or when an error happened behind a cell; the output is written all the same.
"""

import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

BACKGROUND = ("UncaughtException", "UnhandledPromiseRejection")


def main(source, target, timeout=3600):
    notebook = nbformat.read(source, as_version=4)
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    began = {}

    def on_start(cell, cell_index):
        began[cell_index] = time.time()
        line = next(iter(cell.source.strip().splitlines()), "")
        position = code_cells.index(cell) + 1
        print(f"cell {position}/{len(code_cells)}  {line[:70]}", file=sys.stderr, flush=True)

    client = NotebookClient(notebook, timeout=int(timeout), kernel_name="tslab", on_cell_execute=on_start)
    failure = None
    try:
        client.execute()
    except CellExecutionError as error:
        failure = f"{error.ename}: {error.evalue}"
    finally:
        nbformat.write(notebook, target)
    background = [
        output.text
        for cell in code_cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr" and any(name in output.text for name in BACKGROUND)
    ]
    if failure or background:
        print(failure or background[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
