"""`zhibao retention`: a plan first, then exactly that plan."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from handlers.commands import keeping
from tests.handlers.world import YEAR, World
from workflows.collecting import close_collection
from workflows.retention import RetentionRefused


def run(*words: str) -> str:
    result = CliRunner().invoke(keeping.retention, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_plan_names_law_and_code_and_is_carried_out_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBAO_HOME", str(world.home.settings.home))
    close_collection(world.home.services, YEAR)
    assert "--apply" not in run()
    world.clock.move(timedelta(days=2 * 366))
    monkeypatch.setattr("handlers.bootstrap.SystemClock", lambda: world.clock)
    printed = run()
    assert "第二十二条" in printed
    code = printed.split("--apply ")[1].split()[0]
    with pytest.raises(RetentionRefused):
        run("--apply", code, "--by", "运维丁")
    assert "已删除" in run("--apply", code, "--by", "运维丁", "--reason", "期满")
    assert "--apply" not in run()
    assert world.home.store.reads("", 9).rows[-1][1] == f"retention 2 {code}"
