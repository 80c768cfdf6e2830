"""Executes a notebook cell by cell: run_notebook.py NOTEBOOK OUTPUT [seconds a cell].

Says on stderr which section runs, shows the progress bars that cells draw, and how long each section took. Exits with 1
when a cell fails, or when something that a cell left running fails, and says so. Exits with 3 when the kernel ended by
itself, and with 4 when SIGINT or SIGTERM ended the run: whoever started it says so. The output is written in any case.
"""

import asyncio
import html
import logging
import re
import signal
import sys
import time
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

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


class Failure(NamedTuple):
    """Why a notebook did not come to its end."""

    text: str
    status: int = 1


DEAD = Failure("the kernel ended by itself, most often because memory ran out", 3)
STOPPED = Failure("it was stopped", 4)


class Client(NotebookClient):
    """Shows progress bars while a cell runs, and stops in good order."""

    progress = None
    stopped = False

    async def async_start_new_kernel(self, **arguments):
        # in the place of nbclient's own, which take the kernel away from a cell that waits for it
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.stop, asyncio.current_task())
        await super().async_start_new_kernel(**arguments)

    def stop(self, task):
        # a terminal tells the whole group, and whoever started this tells it once more: the kernel's end is not to be cut short
        if self.stopped:
            return
        self.stopped = True
        self.shutdown_kernel = "immediate"
        task.cancel()

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
    """Executes in place and returns the Failure, or None."""
    forget(notebook)
    progress = Progress(notebook.cells)
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_LOOK))
    client = Client(notebook, timeout=int(timeout), kernel_name="tslab", log=silent())
    client.progress = progress
    client.on_cell_start = progress.begin
    try:
        client.execute()
    except CellExecutionError as error:
        return Failure(f"{error.ename}: {error.evalue}")
    except CellTimeoutError:
        return Failure(f"a cell took longer than {timeout} s")
    except (DeadKernelError, asyncio.CancelledError):
        return STOPPED if client.stopped else DEAD
    finally:
        progress.end_section()
        notebook.cells.pop()


def forget(notebook):
    """What an earlier run has shown must not pass for what this one computed, should it end on the way."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def silent():
    """A log that nobody reads: what happens is told by what `execute` returns."""
    log = logging.getLogger("run_notebook")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    return log


def main(source, target, timeout=3600):
    notebook = nbformat.read(source, as_version=4)
    failure = None
    try:
        failure = execute(notebook, timeout)
    finally:
        nbformat.write(notebook, target)
    if failure is None:
        return 0
    if failure.status == 1:
        print(f"the notebook failed: {failure.text}", file=sys.stderr)
    return failure.status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
