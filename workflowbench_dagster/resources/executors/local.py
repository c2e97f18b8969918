"""Jobs as processes of this machine."""

import fcntl
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

import workflowbench
from workflowbench_dagster.resources.executors.job import (
    LOG,
    GpuJob,
    JobFailedError,
    MessageWrapper,
    last_lines,
)
from workflowbench_dagster.resources.executors.process_tree import ProcessTree, end_tree, marked

_LOCK = "lock"
_FOLLOW_SECONDS = 0.5


class LocalExecutor:
    """Starts a job as a process tree of its own and ends all of it, whatever happens.

    A job whose run was lost goes on without it; the next run of the same job waits for it to end, starts the
    program again, and that finds what is done.

    Args:
        python: The interpreter with torch.
        environment: Variables beside those of this process.
        grace_seconds: Time to write a checkpoint between the request to end and the kill.

    """

    def __init__(self, python: str, environment: Mapping[str, str], grace_seconds: float) -> None:
        self._python = python
        self._environment = environment
        self._grace = grace_seconds

    def run(
        self, context: dg.AssetExecutionContext, job: GpuJob, wrap: MessageWrapper
    ) -> dg.PipesClientCompletedInvocation:
        """Run a job; see `Executor.run`."""
        with (
            self._locked(context, job) as lock,
            dg.open_pipes_session(
                context, dg.PipesTempFileContextInjector(), wrap(dg.PipesTempFileMessageReader())
            ) as session,
        ):
            status = self._run_tree(job, session.get_bootstrap_env_vars(), lock)
        if status != 0:
            raise JobFailedError(_ending(status), self.log_tail(job), status)
        return dg.PipesClientCompletedInvocation(session)

    def log_tail(self, job: GpuJob) -> str:
        """Return the last lines that the job wrote."""
        return last_lines(job.folder / LOG)

    def _run_tree(self, job: GpuJob, pipes: Mapping[str, str], lock: int) -> int:
        environment = {**os.environ, **_defaults(self._python), **self._environment, **pipes}
        log = job.folder / LOG
        mark = (job.folder / _LOCK).read_text()
        with _followed(log):
            try:
                tree = ProcessTree(
                    job.command(self._python), environment, mark=mark, log=log, inherited=[lock]
                )
            except OSError as error:
                raise JobFailedError(f"{self._python} cannot be started: {error.strerror}.", "") from error
            try:
                return tree.wait()
            finally:
                end_tree(mark, self._grace)

    @contextmanager
    def _locked(self, context: dg.AssetExecutionContext, job: GpuJob) -> Iterator[int]:
        """Hold the job's lock; its program inherits it, and so holds it on where this process is killed."""
        path = job.folder / _LOCK
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _try_lock(lock):
                self._wait_for(lock, path.read_text(), context, job)
            path.write_text(uuid.uuid4().hex)
            yield lock
        finally:
            os.close(lock)

    def _wait_for(self, lock: int, mark: str, context: dg.AssetExecutionContext, job: GpuJob) -> None:
        running = ", ".join(str(process.pid) for process in marked(mark))
        context.log.warning(f"{job.name} is still at work for a run that was lost (processes {running}).")
        try:
            while not _try_lock(lock):
                time.sleep(_FOLLOW_SECONDS)
        except dg.DagsterExecutionInterruptedError:
            end_tree(mark, self._grace)
            raise


def _defaults(python: str) -> dict[str, str]:
    """Variables that a job needs: tools beside the interpreter, this very code, and no calls home."""
    bin_folder = str(Path(python).absolute().parent)
    source = str(Path(workflowbench.__file__).parents[1])
    own = {} if Path(source).name == "site-packages" else {"PYTHONPATH": source}
    return {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
        **own,
    }


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _followed(log: Path) -> Iterator[None]:
    """Copy what is added to a log to the output of this step, where Dagster shows it."""
    ended = threading.Event()
    log.touch()
    thread = threading.Thread(target=_follow, args=(log, log.stat().st_size, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _follow(log: Path, position: int, ended: threading.Event) -> None:
    with log.open("rb") as file:
        file.seek(position)
        is_last = False
        while not is_last:
            is_last = ended.wait(_FOLLOW_SECONDS)
            sys.stdout.write(file.read().decode(errors="replace"))
            sys.stdout.flush()


def _ending(status: int) -> str:
    if status == -9:
        return "The program was killed (SIGKILL), as a machine without free memory does."
    return f"The program was ended by signal {-status}." if status < 0 else f"Exit status {status}."
