"""Starts the installed kernel as front ends do, each in the notebook's folder: papermill, Jupyter's server (which JupyterLab and
Notebook 7 are), and a client that sends what VS Code's Jupyter extension sends. Prints what each saw as one line of JSON."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import nbformat
from jupyter_client import KernelManager
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

KERNEL, FOLDER = sys.argv[1], Path(sys.argv[2])
CELL = "import { twice } from './lib';\n`${twice(4)} in ${process.cwd()}`"


def papermill() -> str:
    metadata = {"kernelspec": {"name": KERNEL, "display_name": "x", "language": "typescript"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata=metadata)
    nbformat.write(notebook, FOLDER / "in.ipynb")
    program = [sys.executable, "-m", "papermill", "--no-progress-bar", "in.ipynb", "out.ipynb"]
    subprocess.run(program, cwd=FOLDER, check=True, capture_output=True)
    return nbformat.read(FOLDER / "out.ipynb", 4).cells[0].outputs[0].data["text/plain"]


def server() -> str:
    token = uuid.uuid4().hex
    port = "18642"
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0", "--allow-root"]
    program = [sys.executable, "-m", "jupyterlab", "--no-browser", *options]
    lab = subprocess.Popen(program, cwd=FOLDER.parent, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}/api"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def ask(path: str, data: dict | None = None) -> dict:
            body = json.dumps(data).encode() if data is not None else None
            request = urllib.request.Request(f"{base}/{path}", body, {"Authorization": f"token {token}"})
            with opener.open(request) as response:
                return json.load(response)

        for _ in range(240):
            try:
                ask("status")
                break
            except OSError:
                time.sleep(0.5)
        path = f"{FOLDER.name}/in.ipynb"
        session = ask("sessions", {"path": path, "name": path, "type": "notebook", "kernel": {"name": KERNEL}})
        return asyncio.run(execute(f"ws://127.0.0.1:{port}/api/kernels/{session['kernel']['id']}/channels", token))
    finally:
        lab.terminate()
        lab.wait()


async def execute(url: str, token: str) -> str:
    socket = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {token}"}))
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s", "username": "", "version": "5.3", "date": ""}
    content = {"code": CELL, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps(message))
    while True:
        answer = json.loads(await asyncio.wait_for(socket.read_message(), 120))
        if answer["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        if answer["msg_type"] == "execute_result":
            return answer["content"]["data"]["text/plain"]
        if answer["msg_type"] == "error":
            return answer["content"]["evalue"]


def vs_code() -> dict:
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel(cwd=str(FOLDER), env={**os.environ, "PATH": "/nowhere"})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        seen = {}
        for channel in (client.shell_channel, client.control_channel):
            message = client.session.msg("kernel_info_request", {})
            channel.send(message)
            while (reply := channel.get_msg(timeout=60))["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                pass
            seen[f"info_{channel is client.control_channel}"] = reply["content"]["language_info"]["name"]
        for code, options in [("", {"silent": True, "store_history": False}), (CELL, {"store_history": True})]:
            reply = client.execute_interactive(code, timeout=120, allow_stdin=True, output_hook=lambda m: seen.update(
                {m["msg_type"]: m["content"].get("data", {}).get("text/plain")} if m["msg_type"] == "execute_result" else {}), **options)
            seen["status"] = reply["content"]["status"]
        return seen
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


print(json.dumps({"papermill": papermill(), "server": server(), "vs_code": vs_code()}))
