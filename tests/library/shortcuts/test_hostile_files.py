"""Files made to exhaust a reader: each is refused within seconds and within bounded memory."""

import json
import subprocess
import sys

import pytest
from hostile_files import HOSTILE_FILES

# The worst takes 1.8 s of processor time on an idle machine; a loaded or slower one is given twice that.
MOST_SECONDS = 4.0
MOST_MEBIBYTES = 500
READER = """
import json, sys, time
from workflowbench.shortcuts.reading import RejectedShortcut, read_shortcut
data = sys.stdin.buffer.read()
start = time.process_time()
try:
    read_shortcut(data)
    reason = "read"
except RejectedShortcut as rejection:
    reason = rejection.reason
seconds = time.process_time() - start
(peak,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([reason, seconds, int(peak) / 1024]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_hostile_file_costs_little(name: str) -> None:
    expected, make = HOSTILE_FILES[name]
    child = subprocess.run([sys.executable, "-c", READER], input=make(), capture_output=True, check=True)
    reason, seconds, mebibytes = json.loads(child.stdout)
    assert reason == expected
    assert seconds < MOST_SECONDS
    assert mebibytes < MOST_MEBIBYTES
