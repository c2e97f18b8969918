"""What starts a new reading of the opt-out list: a sensor, stopped until a person starts it."""

import dagster as dg

from workflowbench.collection.errors import SourceError
from workflowbench.tables import OPT_OUTS
from workflowbench_dagster.provenance import INPUTS_TAG, event_tags, input_version, latest_materialization
from workflowbench_dagster.resources.opt_outs import OptOutList

read_opt_outs = dg.define_asset_job(
    "read_opt_outs",
    selection=dg.AssetSelection.assets(OPT_OUTS.name),
    description="Read the opt-out list; automation leaves out what it names.",
    tags={"team": "workflowbench"},
)


@dg.sensor(
    job=read_opt_outs,
    minimum_interval_seconds=300,
    description="Reads the opt-out list when its ids changed; `carry_on` then makes again what may hold one.",
)
def opt_out_changes(
    context: dg.SensorEvaluationContext, opt_out_list: OptOutList
) -> dg.RunRequest | dg.SkipReason:
    """Launch `read_opt_outs` when the list is not the one that was read last."""
    try:
        version = opt_out_list.version
    except SourceError as error:
        return dg.SkipReason(str(error))
    record = latest_materialization(context.instance, dg.AssetKey(OPT_OUTS.name), None)
    if record and event_tags(record).get(INPUTS_TAG) == input_version(context.instance, [], None, version):
        return dg.SkipReason("The opt-out list names what it named when it was read last.")
    return dg.RunRequest(run_key=f"{version or 'empty'}-{record.storage_id if record else 0}")
