"""Runs the trials of a spanlab sweep on a Ray cluster; `spanlab sweep --config FILE --on ray` calls it.

Every trial is one `spanlab train` command on some node. The nodes share the folder of this project and that of the sweep under
the same paths, and have Node.js. A trial whose node is lost is started again elsewhere and goes on with its last checkpoint.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ray

PROGRAM = str(Path(__file__).resolve().parent.parent / "src" / "cli" / "bin.cjs")


@ray.remote(max_retries=3)
def train(trial, sweep):
    """What the command says goes to trial-N.log. Returns the node, the exit code and the last line of the log."""
    log = Path(trial["folder"] + ".log")
    environment = {**os.environ, "SPANLAB_SWEEP": sweep}  # the lock of the sweep, which lets its own trainings in
    with log.open("w") as file:
        command = ["node", PROGRAM, *trial["args"]]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file, env=environment)
        try:
            while child.poll() is None:  # Ray interrupts no system call that waits
                time.sleep(0.1)
        except KeyboardInterrupt:  # the trial was cancelled: it finishes its step and saves
            child.send_signal(signal.SIGINT)
            child.wait()
    last = (log.read_text().strip().splitlines() or [""])[-1]
    return ray.get_runtime_context().get_node_id(), child.returncode, last


def is_finished(trial):
    file = Path(trial["folder"]) / "run.json"
    return file.exists() and json.loads(file.read_text())["status"] == "finished"


def main():
    parser = argparse.ArgumentParser(description="run a spanlab sweep on Ray")
    parser.add_argument("sweep", help="the folder of the sweep, with its sweep.json")
    parser.add_argument("--address", help="of the cluster, HOST:PORT; without it Ray starts on this machine")
    parser.add_argument("--cpus", type=float, default=2, help="cores of a trial")
    parser.add_argument("--gpus", type=float, default=0, help="GPUs of a trial")
    arguments = parser.parse_args()
    trials = json.loads((Path(arguments.sweep) / "sweep.json").read_text())["trials"]
    # without an address RAY_ADDRESS counts, and else Ray starts here
    ray.init(address=arguments.address, log_to_driver=False, logging_level="error")
    sized = train.options(num_cpus=arguments.cpus, num_gpus=arguments.gpus)
    sweep = os.environ.get("SPANLAB_SWEEP", "")
    names = {sized.remote(trial, sweep): trial["name"] for trial in trials if not is_finished(trial)}
    waiting = list(names)
    try:
        while waiting:
            [done], waiting = ray.wait(waiting, num_returns=1)
            node, code, last = ray.get(done)
            print(f"{names[done]} on node {node}: {'finished' if code == 0 else last}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopping the trials after their step", file=sys.stderr)
        for task in waiting:
            ray.cancel(task)
        ray.wait(waiting, num_returns=len(waiting), timeout=120)


if __name__ == "__main__":
    main()
