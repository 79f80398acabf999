import pytest


@pytest.fixture
def coordinator(world):
    return world.as_coordinator()
