"""Giving up what takes too long in this process."""

import signal
import time

import pytest

from verify.rungs.process.alarm import TimeUp, at_most

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no signals here")


def _compute_for_ever() -> None:
    while True:
        pass


@pytest.mark.parametrize("working", [False, True])
def test_what_computes_too_long_is_given_up(working: bool) -> None:
    """An endless computation ends by TimeUp, on either clock."""
    with pytest.raises(TimeUp), at_most(0.05, working=working):
        _compute_for_ever()


def test_a_wait_is_given_up() -> None:
    """Time that goes by counts, unless it is told otherwise."""
    with pytest.raises(TimeUp), at_most(0.05):
        time.sleep(10.0)


def test_a_wait_is_no_work() -> None:
    """On a machine that is busy with others, work has the same time as on an idle one."""
    with at_most(0.05, working=True):
        time.sleep(0.15)


@pytest.mark.parametrize("working", [False, True])
def test_the_alarm_around_goes_on(working: bool) -> None:
    """The alarm of somebody outside rings after one inside was not needed."""

    def shorter_inside() -> None:
        with at_most(5.0, working=working):
            pass
        _compute_for_ever()

    with pytest.raises(TimeUp), at_most(0.1, working=working):
        shorter_inside()
