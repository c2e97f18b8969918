from pathlib import Path

import pytest

from workflowbench_dagster.homes import Home, HomeError, home_for, latest_home, locked, prepare


def test_every_source_folder_has_a_home_of_its_own(tmp_path):
    homes = {home_for(tmp_path, Path(path)).path for path in ("/a/x", "/b/x", "/a/y")}
    assert len(homes) == 3
    assert home_for(tmp_path, Path("/a/x")) == home_for(tmp_path, Path("/a/x/"))


def test_a_prepared_home_has_the_settings_of_the_instance_and_is_the_latest(tmp_path):
    home = home_for(tmp_path, tmp_path / "shortcuts")
    prepare(home)
    assert "telemetry" in (home.dagster / "dagster.yaml").read_text()
    assert latest_home(tmp_path) == home


def test_no_home_yet_says_how_to_get_one(tmp_path):
    with pytest.raises(HomeError, match="Run `make demo` first"):
        latest_home(tmp_path)


def test_a_home_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match="Give another folder with --home"):
        prepare(Home(tmp_path / "file" / "home", tmp_path))


@pytest.mark.parametrize("name", ["100%25", "what?", "all*", "[new]"])
def test_a_home_that_dagster_would_misread_is_refused(tmp_path, name):
    with pytest.raises(HomeError, match="Give another folder with --home"):
        prepare(home_for(tmp_path / name, tmp_path))
    assert not (tmp_path / name).exists()


def test_a_home_holds_one_rebuild_at_a_time(tmp_path):
    home = home_for(tmp_path, tmp_path / "shortcuts")
    prepare(home)
    with locked(home), pytest.raises(HomeError, match="Another rebuild"), locked(home):
        pass
    with locked(home):
        pass
