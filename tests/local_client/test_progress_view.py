"""Progress in a log and the pace of looking."""

from hypothesis import given
from hypothesis import strategies as st

from infra.local.pacing import pause_after
from infra.local.progress_view import LogMeter, meter
from tests.local_client.serving import log_console, terminal_console


def test_a_log_gets_a_line_for_each_quarter() -> None:
    console, printed = log_console()
    bar = LogMeter(console, "read")
    for done in range(101):
        bar.show(done, 100)
    assert printed.getvalue().split("\n")[:-1] == [f"  read: {done} of 100" for done in (0, 25, 50, 75, 100)]


def test_a_log_gets_a_line_for_each_new_phase_but_not_for_each_estimate() -> None:
    console, printed = log_console()
    bar = LogMeter(console, "documents")
    for note in ("planning, about 9 s left", "planning, about 8 s left", "mapping, about 7 s left"):
        bar.show(0, 0, note)
    assert [line.split(",")[0] for line in printed.getvalue().splitlines()] == [
        "  documents (planning",
        "  documents (mapping",
    ]


def test_a_terminal_gets_one_bar_with_the_note() -> None:
    console, printed = terminal_console()
    with meter(console, "read") as bar:
        bar.show(3, 4, "mapping")
    assert "3/4" in printed.getvalue()
    assert "mapping" in printed.getvalue()


@given(st.floats(0, 1e6), st.floats(0, 60))
def test_a_pause_grows_with_the_time_waited_up_to_the_longest(waited: float, longest: float) -> None:
    assert pause_after(waited, longest) <= longest
    assert pause_after(waited, longest) <= pause_after(waited + 1, longest)
