"""A run of a job that never ends by itself: `python cancelled_run.py INSTANCE PROGRAM`."""

import os
import sys
from pathlib import Path

import dagster as dg
from stand_ins import model_of, stand_in_resource

from workflowbench_dagster.resources.executors.job import GpuJob


def endless() -> dg.JobDefinition:
    """A job with one asset that runs the program named in the environment."""
    program = Path(os.environ["STAND_IN"])
    job = GpuJob("endless", lambda python: [python, str(program), "2"], program.parent, lambda: True)
    resource = stand_in_resource(program.parent)
    defs = dg.Definitions([model_of(job)], resources={"gpu": resource}, jobs=[dg.define_asset_job("endless")])
    return defs.resolve_job_def("endless")


if __name__ == "__main__":
    os.environ["STAND_IN"] = sys.argv[2]
    with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
        dg.execute_job(dg.reconstructable(endless), instance=instance)
