"""How the suite is dealt out to workers: the tests of a file stay together, because they share a home or a browser."""

import pytest


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in a hook of the same name, and is asked before a conftest
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is a group unless its tests name another (browser journeys share one home over several files)."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
