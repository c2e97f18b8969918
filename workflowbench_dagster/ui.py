"""Opens the Dagster UI on a home: `python -m workflowbench_dagster.ui`."""

import argparse
import os
import signal
import sys
from pathlib import Path

from workflowbench_dagster.homes import DEFAULT_DIRECTORY, HomeError, enter, home_for, latest_home, prepare


def main() -> None:
    """Replace this process by `dagster dev` on the home of a source folder, or on the latest home."""
    options = _parse(sys.argv[1:])
    try:
        home = home_for(options.home, options.shortcuts) if options.shortcuts else latest_home(options.home)
        prepare(home)
    except HomeError as error:
        sys.exit(str(error))
    enter(home)
    # A process that a script started in the background ignores these, and Dagster would hand that on.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    arguments = ["-m", "dagster", "dev", "-m", "workflowbench_dagster.definitions"]
    address = ["--host", options.host, "--port", str(options.port)]
    print(f"The Dagster UI of {home.path} opens at http://{options.host}:{options.port}", flush=True)
    os.execv(sys.executable, [sys.executable, *arguments, *address])  # noqa: S606 - this very interpreter


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflowbench_dagster.ui", description=__doc__)
    parser.add_argument("--home", type=Path, default=DEFAULT_DIRECTORY, help="folder of the homes")
    parser.add_argument("--shortcuts", type=Path, help="folder of shortcuts (default: the one built last)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=3000, help="port to listen on (default: %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
