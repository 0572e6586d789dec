"""How quick and how small the notebook kernel is, through jupyter_client: ./lab kernel install; /usr/bin/python3 benchmarks/kernel.py [CELLS]

Each line is what the kernel promises, what was measured, and whether it held."""
import os
import statistics
import sys
import time

from jupyter_client.manager import start_new_kernel, KernelManager

LAB = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "bin", "lab", "ZeroI2V.Lab.dll"))
CELLS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
broken = 0


def tell(what, limit, value, unit):
    global broken
    broken += value > limit
    print(f"{what:<60} at most {limit:>6g} {unit:<3} {value:>9.3g} {unit:<3} {'held' if value <= limit else 'BROKEN'}", flush=True)


def run(client, code):
    message = client.execute(code)
    characters = 0
    while True:
        output = client.get_iopub_msg(timeout=120)
        if output["parent_header"].get("msg_id") != message:
            continue
        if output["msg_type"] == "stream":
            characters += len(output["content"]["text"])
        if output["msg_type"] == "error":
            raise SystemExit("\n".join(output["content"]["traceback"]))
        if output["msg_type"] == "status" and output["content"]["execution_state"] == "idle":
            break
    client.get_shell_msg(timeout=120)
    return characters


def megabytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def seconds(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


def started():
    manager = KernelManager(kernel_name=".net-csharp")
    start = time.monotonic()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return manager, client, time.monotonic() - start


ready, first = [], []
for _ in range(3):
    manager, client, time_to_ready = started()
    ready.append(time_to_ready)
    first.append(seconds(lambda: run(client, f'#r "{LAB}"\nusing ZeroI2V.Lab.Notebooks;\nLabFormatters.Register();\nTorchSharp.torch.ones(2)')))
    client.stop_channels()
    manager.shutdown_kernel()
tell("kernel ready, median of 3", 2.5, statistics.median(ready), "s")
tell("first cell, the lab loaded and a tensor shown, median of 3", 4, statistics.median(first), "s")

manager, client, _ = started()
for _ in range(100):
    run(client, "1 + 1")
pid = manager.provisioner.pid
before = megabytes(pid)
times = []
for i in range(CELLS):
    # Of ten cells nine compute or print, one declares something.
    code = f"var v{i % 10} = {i};" if i % 10 == 0 else f"Console.WriteLine({i});" if i % 10 < 5 else f"{i} * 2"
    times.append(1000 * seconds(lambda: run(client, code)))
tell(f"a small cell, there and back, median of {CELLS}", 50, statistics.median(times), "ms")
tell(f"a small cell, 99 of 100", 250, statistics.quantiles(times, n=100)[98], "ms")
tell(f"memory grown over {CELLS} cells", 200, megabytes(pid) - before, "MB")
before = megabytes(pid)
took = seconds(lambda: run(client, 'var line = new string(\'x\', 99);\nfor (int i = 0; i < 500_000; i++) Console.WriteLine(line);'))
tell("50 MB printed by one cell", 10, took, "s")
tell("memory grown by it", 200, megabytes(pid) - before, "MB")
client.stop_channels()
manager.shutdown_kernel()
sys.exit(1 if broken else 0)
