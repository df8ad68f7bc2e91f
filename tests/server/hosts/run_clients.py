"""Runs clients one after the other, and prints as JSON what each printed, and the packets that had no route."""

import json
import os
import subprocess
import sys
from pathlib import Path


def packets_without_route() -> int:
    """Counts those of this network namespace; one that has only its loopback has no route to anywhere else."""
    heads, values = [
        line.split() for line in Path("/proc/self/net/snmp").read_text("ascii").splitlines() if line.startswith("Ip:")
    ]
    count = int(values[heads.index("OutNoRoutes")])
    for line in Path("/proc/self/net/snmp6").read_text("ascii").splitlines():
        if line.startswith("Ip6OutNoRoutes"):
            count += int(line.split()[1])
    return count


printed = {}
for name, command in json.loads(sys.argv[1]).items():
    done = subprocess.run([*command, f"https://{name}.example.com/"], capture_output=True, text=True, check=False)
    printed[name] = [done.stdout, done.stderr]
sys.stdout.write(json.dumps({"printed": printed, "packets": packets_without_route(), "direct": os.environ["NO_PROXY"]}))
