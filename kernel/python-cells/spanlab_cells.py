"""TypeScript cells in a notebook of Python, for Google Colab and wherever the kernel of a notebook cannot be chosen.

    import sys; sys.path.append('node_modules/spanlab/dist/kernel/python-cells')
    %load_ext spanlab_cells

and from then on

    %%ts
    const n: number = 7
    n + 1

All cells of the notebook go to one kernel of spanlab, which starts with the first and works in the notebook's folder; what a cell
prints, shows and throws appears below it. `%ts restart` ends that kernel. Needs `node` on the path, and what IPython's own kernel brings.
Sliders and buttons need JupyterLab with our kernel itself: they are not passed on.
"""

import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from getpass import getpass

import zmq
from IPython.core.error import UsageError
from IPython.display import clear_output, publish_display_data
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

LAUNCHER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'launch.cjs')
# seconds; a machine that starts many programs takes its time
START = 120
# what a browser has no part for, since the kernel behind it is another one
LIVE = 'application/vnd.jupyter.widget-view+json'


# Linux's PR_SET_PDEATHSIG
ON_DEATH_OF_PARENT = 1


class TypeScriptError(Exception):
    """What a cell threw, or why there is no kernel; a notebook shows the kernel's own text of it."""

    def __init__(self, message, lines=()):
        super().__init__(message)
        self.lines = list(lines) or [message]

    def _render_traceback_(self):
        return self.lines


class Kernel:
    """One kernel process, and the sockets to it."""

    def __init__(self):
        node = shutil.which('node')
        if not node:
            raise TypeScriptError('%%ts needs Node.js 20 or newer on the path')
        self.folder = tempfile.mkdtemp(prefix='spanlab-cells-')
        file, self.info = write_connection_file(os.path.join(self.folder, 'kernel.json'), key=os.urandom(16).hex().encode())
        self.session = Session(key=self.info['key'].encode())
        options = ['--no-force-async-hooks-checks', LAUNCHER, '--in-place', file]
        # in a session of its own: Ctrl-C in a terminal would go to both
        more = {'stdin': subprocess.DEVNULL, 'start_new_session': True, 'preexec_fn': end_with_parent()}
        self.process = subprocess.Popen([node, *options], **more)
        self.context = zmq.Context()
        identity = os.urandom(8).hex().encode()
        self.shell = self.connect('shell', zmq.DEALER, identity)
        self.stdin = self.connect('stdin', zmq.DEALER, identity)
        self.control = self.connect('control', zmq.DEALER, identity)
        self.iopub = self.connect('iopub', zmq.SUB)
        self.iopub.subscribe(b'')
        self.await_ready()

    def connect(self, name, kind, identity=None):
        socket = self.context.socket(kind)
        socket.linger = 0
        if identity:
            socket.identity = identity
        socket.connect(f"{self.info['transport']}://{self.info['ip']}:{self.info[name + '_port']}")
        return socket

    def await_ready(self):
        """Until an answer came on both ways: what is published before a subscription has arrived is lost."""
        until = time.monotonic() + START
        while time.monotonic() < until and self.is_alive():
            self.session.send(self.shell, 'kernel_info_request', {})
            if self.iopub.poll(500) and self.shell.poll(500):
                for socket in (self.shell, self.iopub):
                    self.drain(socket)
                return
        self.end()
        raise TypeScriptError('the TypeScript kernel does not start; npx spanlab doctor says what is missing')

    def drain(self, socket):
        while socket.poll(200):
            self.session.recv(socket, zmq.NOBLOCK)

    def is_alive(self):
        return self.process.poll() is None

    def run(self, code):
        """Executes a cell and shows what comes of it. Throws TypeScriptError; a stop of the cell here stops it there."""
        content = {'code': code, 'silent': False, 'store_history': True, 'user_expressions': {}}
        content.update(allow_stdin=True, stop_on_error=True)
        request = self.session.send(self.shell, 'execute_request', content)['header']['msg_id']
        failure, stopped = None, False
        while True:
            try:
                message = self.next_message()
                if message is None:
                    continue
                kind, content = message['msg_type'], message['content']
                is_ours = message['parent_header'].get('msg_id') == request
                if kind == 'error' and is_ours:
                    failure = TypeScriptError(f"{content['ename']}: {content['evalue']}", content['traceback'])
                elif kind == 'status' and is_ours and content['execution_state'] == 'idle':
                    break
                else:
                    self.show(kind, content)
            except KeyboardInterrupt:
                stopped = True
                self.session.send(self.control, 'interrupt_request', {})
        self.drain_replies()
        if stopped:
            raise KeyboardInterrupt
        if failure:
            raise failure

    def next_message(self):
        """The next output or question of the kernel; nothing when none came for a while."""
        poller = zmq.Poller()
        for socket in (self.iopub, self.stdin):
            poller.register(socket, zmq.POLLIN)
        ready = dict(poller.poll(500))
        for socket in (self.iopub, self.stdin):
            if socket in ready:
                return self.session.recv(socket, zmq.NOBLOCK)[1]
        if not self.is_alive():
            raise TypeScriptError(f'the TypeScript kernel has ended ({self.process.returncode}); the next %%ts starts another')
        return None

    def drain_replies(self):
        for socket in (self.shell, self.control):
            while socket.poll(0):
                self.session.recv(socket, zmq.NOBLOCK)

    def show(self, kind, content):
        if kind == 'stream':
            stream = sys.stderr if content['name'] == 'stderr' else sys.stdout
            stream.write(content['text'])
            stream.flush()
        elif kind in ('display_data', 'execute_result', 'update_display_data'):
            data = {mime: value for mime, value in content['data'].items() if mime != LIVE}
            is_update = kind == 'update_display_data'
            more = {'transient': content.get('transient') or {}, 'update': is_update}
            publish_display_data(data, content.get('metadata') or {}, **more)
        elif kind == 'clear_output':
            clear_output(wait=content.get('wait', False))
        elif kind == 'input_request':
            ask = getpass if content.get('password') else input
            self.session.send(self.stdin, 'input_reply', {'value': ask(content.get('prompt', ''))})

    def end(self):
        if self.is_alive():
            self.session.send(self.control, 'shutdown_request', {'restart': False})
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)


def end_with_parent():
    """What a child does first, so that it ends when the notebook's own kernel is killed; Linux only."""
    if not sys.platform.startswith('linux'):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(ON_DEATH_OF_PARENT, signal.SIGKILL)


kernel = None


def end_kernel():
    global kernel
    if kernel:
        kernel.end()
    kernel = None


def ts(line, cell=None):
    """%%ts: the cell is TypeScript, run by spanlab's kernel. %ts restart: a new kernel, without the variables of the old one."""
    global kernel
    if cell is None:
        if line.strip() != 'restart':
            raise UsageError('%%ts as the first line of a cell makes it TypeScript; %ts restart ends its kernel')
        end_kernel()
        return
    if kernel and not kernel.is_alive():
        end_kernel()
    kernel = kernel or Kernel()
    kernel.run(cell)


def load_ipython_extension(shell):
    shell.register_magic_function(ts, 'line_cell', 'ts')
    atexit.register(end_kernel)


def unload_ipython_extension(_shell):
    end_kernel()
    atexit.unregister(end_kernel)
