"""What starts scrapes of the network: sensors for what is new, schedules for what changed or is gone."""

from datetime import UTC, datetime

import dagster as dg
import orjson

from workflowbench.collection.errors import SourceError
from workflowbench.collection.fetch_errors import FetchError, StopScrapeError
from workflowbench.collection.news import News, look_at_feed
from workflowbench.collection.scrape import Stop
from workflowbench.collection.snapshots import address_key
from workflowbench.collection.sources import feed_address
from workflowbench.collection.stages import Patience
from workflowbench_dagster.jobs.network_scrapes import (
    Standing,
    pause_after,
    paused,
    standing,
    take_up,
    unconfigured,
)
from workflowbench_dagster.partitions import SCRAPE, SCRAPES, all_scrapes
from workflowbench_dagster.resources.environment import feed_seconds
from workflowbench_dagster.resources.scraping import NetworkSources
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.scrape_keys import ROUTINEHUB, ScrapeKey, next_key

A_LOOK = Patience(request_seconds=15, total_seconds=40, attempts=2)
"""A sensor's tick has 60 s."""

scrape = dg.define_asset_job(
    "scrape",
    selection=dg.AssetSelection.assets("raw_shortcuts", "raw_shortcuts_dropped"),
    description="Collect one scrape; automation carries it on.",
    tags={"team": "workflowbench"},
)


@dg.sensor(
    job=scrape,
    minimum_interval_seconds=feed_seconds(),
    description="Looks at RoutineHub's feed, and starts a scrape when it names a shortcut that is not known.",
)
def routinehub_news(
    context: dg.SensorEvaluationContext, tables: ParquetTables, network: NetworkSources
) -> dg.SensorResult | dg.SkipReason:
    """Launch `scrape` on a new partition when the feed has news."""
    if reason := unconfigured(network):
        return dg.SkipReason(reason)
    now, state = datetime.now(UTC), standing(context.instance, tables, network, ROUTINEHUB)
    if state.unfinished:
        return _taken_up(take_up(context.instance, state.unfinished))
    if reason := state.pause(now) or _own_pause(context.cursor, now):
        return dg.SkipReason(reason)
    try:
        with network.alone(ROUTINEHUB), network.fetcher(A_LOOK) as fetcher:
            news = look_at_feed(fetcher, network.sites, state.cursor)
    except StopScrapeError as error:
        until = now + pause_after(Stop(error.rule, str(error), error.pause_seconds))
        pause = orjson.dumps({"until": until, "reason": str(error)}).decode()
        return dg.SensorResult(skip_reason=f"{error} {paused(until)}", cursor=pause)
    except FetchError as error:
        return dg.SkipReason(f"The feed cannot be fetched: {error} The next tick asks again.")
    except SourceError as error:
        return dg.SkipReason(str(error))
    if not news.ids and not news.problem:
        return dg.SkipReason(_nothing_new(state))
    return _launched(context, network, news, now)


@dg.schedule(
    job=scrape,
    cron_schedule="0 4 * * *",
    execution_timezone="UTC",
    description="Walks RoutineHub's lists by update at 4:00 UTC, looks at known shortcuts again, and asks for"
    " missing ones.",
)
def routinehub_updates(
    context: dg.ScheduleEvaluationContext, tables: ParquetTables, network: NetworkSources
) -> dg.RunRequest | dg.SkipReason:
    """Launch `scrape` on a new partition that reads the list pages."""
    return _scheduled(context.instance, tables, network, ROUTINEHUB, "pages")


@dg.sensor(
    job=scrape,
    minimum_interval_seconds=300,
    description="Starts a scrape when the file of iCloud links holds a link that was never asked for.",
)
def icloud_links_news(
    context: dg.SensorEvaluationContext, tables: ParquetTables, network: NetworkSources
) -> dg.SensorResult | dg.SkipReason:
    """Launch `scrape` on a new partition when the file of links has news."""
    if reason := unconfigured(network) or _no_links(network):
        return dg.SkipReason(reason)
    now, state = datetime.now(UTC), standing(context.instance, tables, network, network.links_place)
    if state.unfinished:
        return _taken_up(take_up(context.instance, state.unfinished))
    if reason := state.pause(now):
        return dg.SkipReason(reason)
    try:
        ids = set(network.link_ids())
    except SourceError as error:
        return dg.SkipReason(str(error))
    if not ids - state.cursor.versions.keys() - state.cursor.misses.keys() - set(state.cursor.pending):
        return dg.SkipReason(f"Every link of {network.links} was asked for.")
    return _result(next_key(network.links_place, "links", all_scrapes(context.instance), now))


@dg.schedule(
    job=scrape,
    cron_schedule="0 5 * * 1",
    execution_timezone="UTC",
    description="Asks on Mondays at 5:00 UTC whether a record of the file of iCloud links has changed.",
)
def icloud_links_updates(
    context: dg.ScheduleEvaluationContext, tables: ParquetTables, network: NetworkSources
) -> dg.RunRequest | dg.SkipReason:
    """Launch `scrape` on a new partition that reads every record of the file again."""
    if reason := _no_links(network):
        return dg.SkipReason(reason)
    return _scheduled(context.instance, tables, network, network.links_place, "links")


def _scheduled(
    instance: dg.DagsterInstance, tables: ParquetTables, network: NetworkSources, place: str, adapter: str
) -> dg.RunRequest | dg.SkipReason:
    if reason := unconfigured(network):
        return dg.SkipReason(reason)
    now, state = datetime.now(UTC), standing(instance, tables, network, place)
    if state.unfinished:
        return take_up(instance, state.unfinished)
    if reason := state.pause(now):
        return dg.SkipReason(reason)
    key = str(next_key(place, adapter, all_scrapes(instance), now))
    instance.add_dynamic_partitions(SCRAPE, [key])
    return dg.RunRequest(run_key=key, partition_key=key)


def _launched(
    context: dg.SensorEvaluationContext, network: NetworkSources, news: News, now: datetime
) -> dg.SensorResult:
    """Launch a scrape that has the feed already: it is not asked for twice."""
    key = next_key(ROUTINEHUB, network.news_adapter, all_scrapes(context.instance), now)
    network.snapshots_of(key).store(address_key(feed_address(network.sites)), news.answer)
    context.log.info("%s", news.problem or f"The feed names {len(news.ids)} shortcuts that are not known.")
    return _result(key)


def _result(key: ScrapeKey) -> dg.SensorResult:
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{key}/1", partition_key=str(key))],
        dynamic_partitions_requests=[SCRAPES.build_add_request([str(key)])],
    )


def _taken_up(outcome: dg.RunRequest | dg.SkipReason) -> dg.SensorResult | dg.SkipReason:
    return outcome if isinstance(outcome, dg.SkipReason) else dg.SensorResult(run_requests=[outcome])


def _own_pause(cursor: str | None, now: datetime) -> str | None:
    """Say why and until when the sensor itself was asked to stay away."""
    state = orjson.loads(cursor) if cursor else {}
    until = datetime.fromisoformat(state["until"]) if "until" in state else now
    return f"{state['reason']} {paused(until)}" if now < until else None


def _nothing_new(state: Standing) -> str:
    since = f" since {state.latest.started:%Y-%m-%d %H:%M} UTC" if state.latest else ""
    return f"RoutineHub's feed names nothing new{since}; {len(state.cursor.versions)} shortcuts are known."


def _no_links(network: NetworkSources) -> str | None:
    return None if network.links else "No file of iCloud links is set: see WORKFLOWBENCH_SCRAPE_LINKS."
