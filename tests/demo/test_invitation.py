import pytest

from passapp.demo.people import invitation


@pytest.mark.parametrize("role", ["member", "door", "manager", "neighbour", "coordinator", "accountant"])
def test_the_terminal_shows_a_link_for_each_role(role):
    line = next(line for line in invitation("http://localhost:8000").splitlines() if f"/demo/{role} " in line)
    assert line.strip().startswith(f"http://localhost:8000/demo/{role} ")


def test_the_terminal_says_that_everything_is_invented():
    assert "inventés" in invitation("http://localhost:8000")
    assert "ne participent pas" in invitation("http://localhost:8000")
