import base64
import re

import pytest
from playwright.sync_api import expect
from user_interface import asset_names, check_descriptions, made_before

from workflowbench.bench.published import TABLE_1
from workflowbench.tables import STATISTICS
from workflowbench_dagster.checks.table_suites import SUITES
from workflowbench_dagster.definitions import defs

FIRST, SECOND = "folder-shortcuts-0001", "folder-shortcuts-0002"


def show(page, names):
    """Wait until the asset graph shows these assets alone; it may shorten a name with an ellipsis."""
    labels = page.locator('[class*="AssetNode_assetName"]')
    expect(labels).to_have_count(len(names))
    shown = [re.escape(label).replace("…", ".+") for label in labels.all_inner_texts()]
    assert {name for name in names if any(re.fullmatch(label, name) for label in shown)} == names
    for label in labels.all():
        label.scroll_into_view_if_needed()


def launched_run(page):
    """Go from the message about a launched run to its page, and wait until it has succeeded."""
    page.get_by_role("link", name="View", exact=True).click()
    expect(page).to_have_url(re.compile("/runs/[0-9a-f-]{36}"))
    expect(page.get_by_text("RUN_SUCCESS", exact=True)).to_be_visible()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()


def test_the_lineage_of_the_release_shows_what_it_is_made_from(ui, page, keep):
    page.set_viewport_size({"width": 1500, "height": 1500})
    page.goto(ui.asset("release", view="lineage", lineageScope="upstream", lineageDepth="10"))
    show(page, made_before("release"))
    keep("asset-graph-whole", page.screenshot())


def test_the_asset_graph_of_the_tables_is_a_readable_picture(ui, page, keep):
    page.set_viewport_size({"width": 1500, "height": 1500})
    page.goto(ui.graph('not key:"*_dropped"'))
    show(page, {name for name in asset_names() if not name.endswith("_dropped")})
    boxes = [box.bounding_box() for box in page.locator("foreignObject").all()]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = (
        max(box[start] + box[size] for box in boxes) for start, size in (("x", "width"), ("y", "height"))
    )
    clip = {"x": left - 8, "y": top - 8, "width": right - left + 16, "height": bottom - top + 16}
    picture = page.screenshot(clip=clip)
    assert len(picture) < 300_000
    keep("asset-graph", picture)


def test_the_page_of_an_asset_describes_it(ui, page, keep):
    page.goto(ui.asset("statistics", view="overview"))
    for heading, content in {"Row count": str(ui.rows("statistics")), "Owners": "workflowbench"}.items():
        expect(page.get_by_text(heading, exact=True).locator("xpath=..")).to_contain_text(content)
    for kind in ("matplotlib", "Parquet", "Polars", "Python"):
        expect(page.get_by_text("Kinds", exact=True).locator("xpath=..")).to_contain_text(kind)
    spec = next(spec for spec in defs.resolve_all_asset_specs() if spec.key.to_user_string() == "statistics")
    expect(page.get_by_text(spec.description)).to_be_visible()
    for column in STATISTICS.columns:
        row = page.get_by_role("row").filter(has=page.get_by_text(column.name, exact=True))
        expect(row.first).to_contain_text(column.description.replace("`", ""))
    keep("asset-overview", page.screenshot())


def test_the_plot_of_the_statistics_is_an_image(ui, page, keep):
    page.goto(ui.asset("statistics", view="overview"))
    row = page.get_by_role("row").filter(has=page.get_by_text("distributions", exact=True))
    row.get_by_text("[Show Markdown]").click()
    dialog = page.get_by_role("dialog")
    image = dialog.get_by_role("img", name="Distributions of Figure 4")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 1000
    assert image.bounding_box()["width"] < dialog.bounding_box()["width"]
    keep("statistics-plot", page.screenshot())
    picture = base64.b64decode(image.get_attribute("src").partition(",")[2])
    assert len(picture) < 200_000
    keep("statistics", picture)


def test_table_1_is_a_table(ui, page, keep):
    page.goto(ui.asset("statistics", view="overview"))
    row = page.get_by_role("row").filter(has=page.get_by_text("table_1", exact=True))
    row.get_by_text("[Show Markdown]").click()
    dialog = page.get_by_role("dialog")
    table = dialog.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(1 + len(TABLE_1))
    assert table.bounding_box()["width"] < dialog.bounding_box()["width"]
    keep("statistics-table", page.screenshot())


def test_a_partitioned_asset_shows_its_scrapes_and_their_rows(ui, page, keep):
    page.goto(ui.asset("transcribed_workflows", view="partitions"))
    for scrape in (FIRST, SECOND):
        page.locator(f':text-is("{scrape}"):visible').first.click()
        row = page.get_by_role("row").filter(has_text="dagster/partition_row_count")
        expect(row.get_by_text(str(ui.rows(f"transcribed_workflows/{scrape}")), exact=True)).to_be_visible()
    expect(page.get_by_text("Materialized (2)")).to_be_visible()
    keep("partitions", page.screenshot())


def test_the_page_of_a_partitioned_asset_shows_the_rows_of_all_scrapes(ui, page, keep):
    page.goto(ui.asset("transcribed_workflows", view="overview"))
    rows = sum(ui.rows(f"transcribed_workflows/{scrape}") for scrape in (FIRST, SECOND))
    expect(page.get_by_text("Row count", exact=True).locator("xpath=..")).to_contain_text(str(rows))
    keep("asset-overview-partitioned", page.screenshot())


def test_an_asset_is_materialized_by_a_click_and_its_checks_show_their_results(ui, page, keep):
    page.goto(ui.asset("statistics", view="overview"))
    expect(page.get_by_text("Row count")).to_be_visible()
    page.get_by_role("button", name="Materialize").first.click()
    launched_run(page)
    keep("run", page.screenshot())
    page.goto(ui.asset("statistics", view="checks"))
    checks = check_descriptions("statistics")
    expect(page.get_by_text(f"Checks ({len(checks)})")).to_be_visible()
    expect(page.get_by_text("Succeeded", exact=True)).to_have_count(len(checks))
    for check, description in checks.items():
        page.get_by_title(check, exact=True).first.click()
        expect(page.get_by_text(description, exact=True)).to_be_visible()
        expect(page.get_by_text("Passed", exact=True)).to_be_visible()
    keep("checks", page.screenshot())


def test_a_scrape_is_materialized_through_the_dialog(ui, page, keep):
    page.goto(ui.asset("transcribed_workflows", view="partitions", partition=SECOND))
    expect(page.get_by_role("row").filter(has_text="dagster/partition_row_count")).to_be_visible()
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("button", name="Confirm").click()
    dialog = page.get_by_role("dialog").filter(has_text="Partition selection")
    expect(dialog).to_contain_text(SECOND)
    keep("materialize-dialog", page.screenshot())
    dialog.get_by_role("button", name="Launch 1 run").click()
    launched_run(page)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.asset)
def test_data_docs_are_readable_offline(ui, page, keep, suite):
    (document,) = {
        *(ui.data_docs / suite.asset).glob("index.html"),
        *(ui.data_docs / suite.asset / SECOND).glob("*.html"),
    }
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.context.set_offline(True)
    page.goto(document.as_uri())
    expect(page.get_by_role("heading", name=suite.asset, exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("^(All [0-9]+ checks|The check) passed$"))).to_be_visible()
    for expectation in suite.expectations:
        expect(page.get_by_text(expectation.description, exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="passed", exact=True)).to_have_count(len(suite.expectations))
    assert requests == [document.as_uri()]
    keep(f"data-docs-{suite.asset}", page.screenshot(full_page=True))
