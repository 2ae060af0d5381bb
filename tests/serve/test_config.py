"""zoo.cfg means here what it means to Apache's server, and a slip in it is told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.kernel.bad_input import BadInput
from consensus_lab.serve.config import Config, embedded_config, read_config
from consensus_lab.serve.properties import flags, parse_properties


def config_of(folder: Path, *lines: str, jvmflags: str = "") -> Config:
    path = folder / "zoo.cfg"
    path.write_text("\n".join(("dataDir=data", "clientPort=2181", *lines)) + "\n")
    return read_config(path, jvmflags)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("tickTime=2000", "tickTime", "2000"),
        ("  tickTime : 2000", "tickTime", "2000"),
        ("tickTime 2000", "tickTime", "2000"),
        ("a.b = c=d", "a.b", "c=d"),
        ("long = one, \\\n    two", "long", "one, two"),
        ("path = C:\\\\data", "path", "C:\\data"),
        ("name = caf\\u00e9", "name", "café"),
        ("sp\\ ace = x", "sp ace", "x"),
        ("empty", "empty", ""),
        ("tab = a\\tb", "tab", "a\tb"),
    ],
)
def test_a_line_reads_as_in_a_properties_file_of_java(text: str, key: str, value: str) -> None:
    (found,) = parse_properties(text, "zoo.cfg")
    assert (found.key, found.value) == (key, value)


def test_comments_and_blank_lines_count_as_lines_only() -> None:
    (found,) = parse_properties("# one\n\n! three\r\ntickTime=1\n", "zoo.cfg")
    assert found.where == "zoo.cfg, line 4"


def test_defaults_are_those_of_apache(tmp_path: Path) -> None:
    settings = config_of(tmp_path).settings
    assert (settings.tick_time, settings.timeouts) == (3000, (6000, 60_000))
    assert (settings.max_client_cnxns, settings.snap_count, settings.prealloc_kb) == (60, 100_000, 65_536)
    assert settings.log_dir == settings.snapshot_dir == Path("data/version-2")


def test_an_unknown_key_becomes_a_system_property_as_with_apache(tmp_path: Path) -> None:
    config = config_of(tmp_path, "snapCount=7", "no.such.key=x")
    assert config.settings.snap_count == 7
    assert config.properties["zookeeper.snapCount"] == "7"
    assert config.properties["zookeeper.no.such.key"] == "x"
    assert config.strangers == (f"no.such.key ({tmp_path / 'zoo.cfg'}, line 4)",)


def test_a_system_property_is_taken_from_jvmflags_and_the_file_wins(tmp_path: Path) -> None:
    told = "-Xmx1g -Dzookeeper.snapCount=9 -Dreadonlymode.enabled=true"
    assert config_of(tmp_path, jvmflags=told).settings.snap_count == 9
    assert config_of(tmp_path, jvmflags=told).settings.read_only_mode
    assert config_of(tmp_path, "snapCount=7", jvmflags=told).settings.snap_count == 7


def test_what_apache_takes_from_the_jvm_only_is_taken_from_the_file_too(tmp_path: Path) -> None:
    lines = ("readonlymode.enabled=true", "znode.container.checkIntervalMs=5", "java.security.auth.login.config=/j")
    settings = config_of(tmp_path, *lines).settings
    assert (settings.read_only_mode, settings.container_interval, settings.jaas_file) == (True, 5, Path("/j"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("tickTime=fast", "line 3: tickTime is 'fast'; it takes a whole number of at least 1"),
        ("clientPort=70000", "line 3: clientPort is '70000'; it takes a whole number from 0 to 65535"),
        ("electionAlg=1", "line 3: electionAlg is '1'; it takes 3, the only election there is"),
        ("syncEnabled=yes", "line 3: syncEnabled is 'yes'; it takes true or false"),
        (
            "snapshot.compression.method=snappy",
            "it takes gz, or nothing for no compression (snappy is not written here)",
        ),
        ("skipACL=true", "line 3: skipACL is 'true'; it takes yes or no"),
        ("autopurge.purgeInterval=often", "it takes a number of hours, or a time such as 90m or 12h"),
        ("minSessionTimeout=9\nmaxSessionTimeout=8", "minSessionTimeout (9 ms) must not be larger"),
        ("secureClientPortAddress=::1", "secureClientPortAddress is set but secureClientPort is not"),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_with_what_is_allowed(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(BadInput) as told:
        config_of(tmp_path, line)
    assert str(tmp_path / "zoo.cfg") in str(told.value)
    assert sentence in str(told.value)


def test_one_server_line_makes_no_ensemble_and_several_are_refused(tmp_path: Path) -> None:
    one, two = "server.1=a:2888:3888", "server.2=b:2888:3888"
    assert config_of(tmp_path, one).settings.client_port == 2181
    with pytest.raises(BadInput, match=r"line 4: server\.2 makes an ensemble of 2; one server is served"):
        config_of(tmp_path, one, two)
    with pytest.raises(BadInput, match="line 4: standaloneEnabled is false; one server is served here"):
        config_of(tmp_path, one, "standaloneEnabled=false")
    (tmp_path / "zoo.cfg.dynamic").write_text(f"{one}\n{two}\n")
    with pytest.raises(BadInput, match=r"zoo\.cfg\.dynamic, line 2: server\.2 makes an ensemble of 2"):
        config_of(tmp_path, f"dynamicConfigFile={tmp_path / 'zoo.cfg.dynamic'}")


def test_a_file_without_a_data_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zoo.cfg").write_text("clientPort=2181\n")
    with pytest.raises(BadInput, match="dataDir is not set"):
        read_config(tmp_path / "zoo.cfg")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"zoo\.cfg: the configuration cannot be read: No such file"):
        read_config(tmp_path / "zoo.cfg")


@pytest.mark.parametrize(("text", "hours"), [("1", 1), ("90m", 1.5), ("2h", 2), ("1d", 24)])
def test_a_bare_purge_interval_counts_hours(tmp_path: Path, text: str, hours: float) -> None:
    assert config_of(tmp_path, f"autopurge.purgeInterval={text}").settings.purge_interval == hours * 3_600_000


def test_without_a_file_it_serves_loopback_from_the_state_folder() -> None:
    settings = embedded_config({"XDG_STATE_HOME": "/s"}).settings
    assert (settings.client_port_address, settings.client_port) == ("127.0.0.1", 2181)
    assert settings.data_dir == Path("/s/consensus-lab/zookeeper")
    assert embedded_config({"HOME": "/h"}).settings.data_dir == Path("/h/.local/state/consensus-lab/zookeeper")


def test_only_the_properties_of_jvmflags_are_read() -> None:
    assert [(p.key, p.value) for p in flags("-Xmx1g -Da=b -Dc '-Dd=e f'")] == [("a", "b"), ("c", ""), ("d", "e f")]
