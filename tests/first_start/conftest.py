import pytest

from tests.world import World


@pytest.fixture
def empty(database, tmp_path):
    """A deployment without a network."""
    with World(database, tmp_path, founded=False) as empty:
        yield empty
