"""What a block switches on holds for the task or thread that entered it, and is gone when the block is."""

import asyncio
import contextlib
import contextvars
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd import AnomalyError, RecordingError, Value, detect_anomaly, parameter, paused_gc, record, scope
from autograd.contexts.watching import OPEN


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    yield
    assert Value(1.0).scope == ""
    assert not OPEN
    assert Value(0.0).log().data == -float("inf")
    assert Value(2.0) > 1
    assert gc.isenabled()


def in_a_thread(f):
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(f).result()


# --- tasks, threads, generators -------------------------------------------------------------------------


@pytest.mark.parametrize("first_to_end", ["A", "B"])
def test_tasks_have_scopes_of_their_own(first_to_end):
    async def task(name, started, go):
        with scope(name):
            started.set()
            await go.wait()
            made = (Value(1.0) * 2).scope
        return made, (Value(1.0) * 2).scope

    async def both():
        started = {name: asyncio.Event() for name in "AB"}
        go = {name: asyncio.Event() for name in "AB"}
        tasks = {name: asyncio.create_task(task(name, started[name], go[name])) for name in "AB"}
        for event in started.values():
            await event.wait()
        assert (Value(1.0) * 2).scope == ""  # of neither
        for name in (first_to_end, *set("AB") - {first_to_end}):
            go[name].set()
            assert await tasks[name] == (name, "")
        return (Value(1.0) * 2).scope

    assert asyncio.run(both()) == ""


def test_tasks_are_watched_only_if_they_asked_for_it():
    async def watched(started, go):
        with detect_anomaly():
            started.set()
            await go.wait()
            with pytest.raises(AnomalyError):
                Value(0.0).log()

    async def both():
        started, go = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(watched(started, go))
        await started.wait()
        assert Value(0.0).log().data == -float("inf")
        x = Value(0.0)
        x.sqrt().backward()
        assert x.grad == float("inf")
        go.set()
        await task

    asyncio.run(both())


def test_a_task_made_inside_a_block_is_in_it_until_the_block_ends():
    async def child(go):
        before = Value(1.0).scope
        await go.wait()
        with scope("inner"):
            return before, Value(1.0).scope, (Value(0.0).log()).data

    async def parent():
        go = asyncio.Event()
        with detect_anomaly(), scope("A"):
            task = asyncio.create_task(child(go))
            await asyncio.sleep(0)
        go.set()
        return await task

    before, after, not_watched = asyncio.run(parent())
    assert (before, after) == ("A", "inner")
    assert not_watched == -float("inf")


def test_a_watch_that_has_ended_sees_nothing_of_what_is_made_in_a_block_inside_it():
    async def child(entered, go):
        with scope("inner"):
            entered.set()
            await go.wait()
            return Value(0.0).log()

    async def parent():
        entered, go = asyncio.Event(), asyncio.Event()
        with detect_anomaly():
            task = asyncio.create_task(child(entered, go))
            await entered.wait()
        go.set()
        return await task

    node = asyncio.run(parent())
    assert (node.data, node.scope) == (-float("inf"), "inner")


def test_a_scope_inside_a_watch_is_watched():
    with detect_anomaly(), scope("A"), scope("B"):
        with pytest.raises(AnomalyError):
            Value(0.0).log()
        x = Value(0.0)
        y = x.sqrt()
        with pytest.raises(AnomalyError):
            y.backward()


def test_an_outer_block_may_end_before_the_inner():
    a, b = scope("A"), scope("B")
    a.__enter__()
    b.__enter__()
    a.__exit__()
    assert Value(1.0).scope == "A/B"
    b.__exit__()
    assert Value(1.0).scope == ""


def test_what_watched_is_not_kept():
    watch = detect_anomaly()
    with watch:
        watcher = weakref.ref(watch.watcher)
    del watch
    assert watcher() is None


def test_suspended_generators_end_in_any_order():
    def within(block):
        with block:
            yield

    for first in (0, 1):
        generators = [within(scope("A")), within(scope("B")), within(detect_anomaly())]
        for generator in generators:
            next(generator)
        assert Value(1.0).scope == "A/B"
        for generator in generators[first:] + generators[:first]:
            generator.close()
        assert Value(1.0).scope == ""
        assert Value(0.0).log().data == -float("inf")


def test_a_generator_closed_elsewhere_leaves_nothing_where_it_was_entered():
    def within():
        with scope("A"):
            yield

    generator = within()
    next(generator)
    in_a_thread(generator.close)
    assert Value(1.0).scope == ""


def test_a_context_manager_made_of_a_generator_is_one_block():
    @contextlib.contextmanager
    def layer(number):
        with scope(f"layer{number}"):
            yield

    with layer(1), layer(2):
        assert Value(1.0).scope == "layer1/layer2"


def test_one_block_used_by_several_threads():
    block = scope("shared")
    entered, leave = threading.Barrier(2), threading.Event()

    def other():
        with block:
            entered.wait(10)
            leave.wait(10)
            return Value(1.0).scope

    with ThreadPoolExecutor(1) as threads:
        result = threads.submit(other)
        entered.wait(10)
        with block:
            assert Value(1.0).scope == "shared"
        assert Value(1.0).scope == ""
        leave.set()
        assert result.result() == "shared"


def test_a_copied_context_forgets_a_block_that_has_ended():
    with scope("A"):
        context = contextvars.copy_context()
        assert context.run(lambda: Value(1.0).scope) == "A"
    with scope("B"):
        assert context.run(lambda: Value(1.0).scope) == ""


# --- recording ------------------------------------------------------------------------------------------


def test_a_thread_that_records_leaves_the_others_alone():
    recording, checked = threading.Event(), threading.Event()
    w = parameter(2.0, "w")

    def f(x):
        recording.set()
        checked.wait(10)
        return w * x

    with ThreadPoolExecutor(1) as threads:
        program = threads.submit(record, f, 1.0)
        recording.wait(10)
        assert w > 1  # a comparison
        z = w * 3.0  # a node
        checked.set()
    assert program.result().value_and_grad([1.0, 3.0])[0] == 4.0
    assert z.data == 6.0


def test_many_threads_record_at_once():
    w = parameter(2.0, "w")

    def f(x):
        for _ in range(200):
            x = x * w + 1.0
        return x.tanh()

    with ThreadPoolExecutor(4) as threads:
        programs = list(threads.map(lambda _: record(f, 0.1), range(24)))
    assert len({str(program) for program in programs}) == 1


def test_recording_never_writes_into_parameters():
    """Nobody, in no thread and at no time, sees another number in them than was put there."""
    seen = set()

    class Witness(Value):
        __slots__ = ()

        @property
        def _data(self):
            return 0.5

        @_data.setter
        def _data(self, data):
            if self is w:
                seen.add(data)

    w = None
    w = Witness(0.5, "w")
    w._a = "parameter"
    program = record(lambda x: x * w + 2.0 / w, 1.0)
    assert not seen
    w.data = 0.5
    assert seen == {0.5}
    assert program.value_and_grad([2.0])[0] == 5.0


def test_what_is_read_of_a_parameter_is_still_found_out():
    w = parameter(2.0, "w")
    for f in (
        lambda x: x * w.data,
        lambda x: x * (w * w).data,
        lambda x: x * float(f"{w:.17g}"),
        lambda x: x * round(w, 9),
    ):
        with pytest.raises(RecordingError, match="does it read the number of a Value"):
            record(f, 1.0)
    zero = parameter(0.0, "w")
    with pytest.raises(RecordingError, match="does it read the number of a Value"):
        record(lambda x: x * w + zero.data, 1.0)
    assert (w.data, zero.data) == (2.0, 0.0)


def test_a_recorded_function_may_not_set_the_number_of_a_node():
    w = parameter(2.0, "w")

    def clamped(x):
        w.data = min(w.data, 1.0)
        return w * x

    with pytest.raises(RecordingError, match=r"w\.data is set inside a function that is recorded"):
        record(clamped, 1.0)
    assert w.data == 2.0


def test_an_anomaly_inside_a_recorded_function_is_named_and_one_around_it_waits():
    w = parameter(2.0, "w")

    def f(x):
        with detect_anomaly():
            return (x - x).log() * w

    with pytest.raises(AnomalyError, match="log"):
        record(f, 1.0)
    with detect_anomaly():
        program = record(lambda x: x.log() * w, 0.0)
        assert program([1.0]).tolist() == [0.0]


# --- interrupts -----------------------------------------------------------------------------------------


def test_a_block_whose_end_was_cut_off_ends_all_the_same():
    with pytest.raises(KeyboardInterrupt):
        enter_and_be_interrupted(scope("A"))
    with pytest.raises(KeyboardInterrupt):
        enter_and_be_interrupted(detect_anomaly())
    with pytest.raises(KeyboardInterrupt):
        enter_and_be_interrupted(paused_gc())


def enter_and_be_interrupted(block):
    block.__enter__()
    raise KeyboardInterrupt  # where __exit__ would have been called


def test_pauses_of_the_collector_overlap():
    a, b = paused_gc(), paused_gc()
    for first, last in ((a, b), (b, a)):
        a.__enter__()
        b.__enter__()
        first.__exit__()
        assert not gc.isenabled()
        last.__exit__()
        assert gc.isenabled()
