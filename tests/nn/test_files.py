"""Models in files: what cannot be one is refused before it costs anything, and nothing is left half done."""

import io
import json
import math
import os
import stat
import subprocess
import sys
import threading
import tracemalloc
import zipfile

import numpy as np
import pytest
from interrupts import at_every_line

from autograd import Value, parameter
from nn import MLP, SGD, Adam, Module, Neuron
from nn.regularize import Dropout


class Counting(Module):
    """Two numbers and a counter."""

    counters = ("calls",)

    def __init__(self):
        self.w, self.calls = [parameter(1.0), parameter(2.0)], 3


def written(path, model=None, **changes):
    """A saved ``model`` with other numbers in the file."""
    tree = {"module": "Counting()", "model": (model or Counting()).state_dict() | changes}
    if path.suffix == ".json":
        path.write_text(json.dumps(tree))
    else:
        np.savez(path, **{f"model/{name}": x for name, x in tree["model"].items()})
    return path


# --- numbers that are none --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"w": [1.5, 10**400]}, r"w holds 1000.*…, which is too large for a float64"),
        ({"w": [1.5, "2.5"]}, "w holds '2.5', which is no number"),
        ({"w": [1.5, True]}, "w holds True, which is no number"),
        ({"w": [1.5, None]}, "w holds None, which is no number"),
        ({"w": [1.5, {"a": 1}]}, r"w holds \{'a': 1\}, which is no number"),
        ({"w": [[1.5, 2.5]]}, r"w has shape \(1, 2\), the model's is \(2,\)"),
        ({"w": [[[[[[1.5]]]]], 1]}, r"w has shape \(2, 'ragged'\)"),
        ({"w": {"a": 1}}, r"w has shape \(\), the model's is \(2,\)"),
        ({"calls": 1.5}, "calls holds 1.5, which is no whole number"),
        ({"calls": math.nan}, "calls holds nan, which is no whole number"),
        ({"calls": math.inf}, "calls holds inf, which is no whole number"),
        ({"calls": "1"}, "calls holds '1', which is no number"),
        ({"calls": True}, "calls holds True, which is no number"),
        ({"calls": [1]}, r"calls has shape \(1,\), the model's is \(\)"),
    ],
)
def test_what_is_no_number_changes_nothing(tmp_path, changes, match):
    model = Counting()
    state = {"w": [7.0, 8.0], "calls": 9} | changes
    for load in (lambda: model.load_state_dict(state), lambda: model.load(written(tmp_path / "a.json", **state))):
        with pytest.raises(ValueError, match=match):
            load()
        assert model.state_dict() == {"w": [1.0, 2.0], "calls": 3}


@pytest.mark.parametrize(
    ("w", "match"),
    [
        (np.array([1.5, 2.5j]), "holds complex128, neither numbers nor text"),
        (np.array([(1.5, 2)], dtype=[("a", "f8"), ("b", "i4")]), "neither numbers nor text"),
        (np.array([1.5, None], dtype=object), "neither numbers nor text"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "neither numbers nor text"),
        (np.array([b"a", b"b"]), "neither numbers nor text"),
        (np.array([True, False]), "neither numbers nor text"),
        (np.array(["1", "2"]), "w holds '1', which is no number"),
        (np.array([[1.5, 2.5]]), r"w has shape \(1, 2\)"),
        (np.array([], dtype=float), r"w has shape \(0, 'ragged'\)"),
    ],
)
def test_arrays_of_other_things_change_nothing(tmp_path, w, match):
    model = Counting()
    with pytest.raises(ValueError, match=match):
        model.load(written(tmp_path / "a.npz", w=w))
    assert model.state_dict() == {"w": [1.0, 2.0], "calls": 3}


@pytest.mark.parametrize(
    "w", [np.array([1j, 2]), np.array([(1.5, 2), (1.5, 2)], dtype="f8,i4"), np.array([True, False])]
)
def test_arrays_of_other_things_in_a_state(w):
    with pytest.raises(ValueError, match=r"w is an array of .*, not of numbers"):
        Counting().load_state_dict({"w": w, "calls": 0})


def test_numbers_in_other_forms_are_taken():
    model = Counting()
    model.load_state_dict({"w": np.array([3, 4], dtype=np.float16), "calls": np.array(5.0)})
    assert model.state_dict() == {"w": [3.0, 4.0], "calls": 5}
    assert type(model.calls) is int
    assert all(type(p.data) is float for p in model.parameters())
    model.load_state_dict({"w": np.asfortranarray([5, 6]), "calls": 6})
    assert model.state_dict() == {"w": [5.0, 6.0], "calls": 6}


def test_what_is_no_state():
    with pytest.raises(TypeError, match=r"a state is a dict of names, as state_dict\(\) makes it, not \[1\]"):
        Counting().load_state_dict([1])
    endless = [1.0]
    endless.append(endless)
    with pytest.raises(ValueError, match=r"w has shape \(2, 'ragged'\)"):
        Counting().load_state_dict({"w": endless, "calls": 0})
    deep = 1.0
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match=r"w has shape \(1, 1, 1, 1, '…'\)"):
        Counting().load_state_dict({"w": deep, "calls": 0})
    while isinstance(deep, list):  # freed from outside: lists free what is inside of them by recursion
        (deep,) = deep


@pytest.mark.parametrize("depth", [200, 100_000])
def test_lists_in_lists_in_a_file(tmp_path, depth):
    path = tmp_path / "a.json"
    path.write_text('{"model": {"w": ' + "[" * depth + "]" * depth + ', "calls": 1}}')
    with pytest.raises(ValueError, match=r"a\.json (is not a saved model: maximum recursion|holds .*w has shape)"):
        Counting().load(path)


# --- sizes ------------------------------------------------------------------------------------------


def bomb(path, n, shown=None):
    """A small .npz that unpacks to n bytes; its header shows so many."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": ((shown or n) // 8,)}
    )
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("model/w.npy", "w", force_zip64=True) as member,
    ):
        member.write(header.getvalue())
        for _ in range(n // 10**6):
            member.write(bytes(10**6))
    return path


def peak(action):
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(path, match, model=None):
    def load():
        with pytest.raises(ValueError, match=match):
            (model or Counting()).load(path)

    return load


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = bomb(tmp_path / "a.npz", 10**8)
    match = r"a\.npz is not a saved model: unpacked it has 100,000,\d+ bytes; one of this model has 4,197,376 at most"
    assert peak(refused(path, match)) < 10**6


def test_a_bomb_whose_directory_lies(tmp_path):
    path = bomb(tmp_path / "a.npz", 10**8)
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    assert peak(refused(path, r"a\.npz is not a saved model: Bad CRC")) < 2 * 10**6
    short = bomb(tmp_path / "b.npz", 10**6).read_bytes()
    (tmp_path / "b.npz").write_bytes(short[: len(short) // 2])
    refused(tmp_path / "b.npz", "b.npz is not a saved model")()


def test_a_bomb_whose_directory_and_header_lie(tmp_path):
    path = bomb(tmp_path / "a.npz", 10**8, shown=872)
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    assert peak(refused(path, r"a\.npz is not a saved model")) < 2 * 10**6


def test_a_header_that_lies(tmp_path):
    path = tmp_path / "a.npz"
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/w.npy", header.getvalue() + bytes(16))
    assert peak(refused(path, "has not the 8,000,000,000,000 bytes that its header speaks of")) < 10**6
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/w.npy", b"\x93NUMPY\x09\x00" + bytes(100))
    refused(path, "model/w.npy is of a version of the format that is not written here")()


def test_a_json_that_is_far_too_large(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"model": {"w": [1.0, 2.0], "calls": 1' + " " * 2**23 + "}}")
    assert peak(refused(path, r"it has more than 4,197,376 bytes, the most that one of this model can have")) < 2**23


def test_the_limit_grows_with_the_model_and_its_optimizer(tmp_path):
    class Wide(Module):
        def __init__(self):
            self.w = [parameter(0.1 + i) for i in range(5_000)]

    model = Wide()
    optimizer = Adam(model)
    for ending in ("json", "npz"):
        model.save(tmp_path / f"a.{ending}", optimizer)
        other = Wide()
        other.load(tmp_path / f"a.{ending}", Adam(other))
        assert other.state_dict() == model.state_dict()
    (tmp_path / "b.json").write_text(" " * 9_000_000)
    refused(tmp_path / "b.json", "Expecting value", model)()  # 9.3 MB may be such a model
    (tmp_path / "b.json").write_text(" " * 10_000_000)
    refused(tmp_path / "b.json", "more than 9,314,304 bytes", model)()


# --- what messages show -----------------------------------------------------------------------------


def test_names_in_a_file_are_shown_short_and_without_what_a_terminal_obeys(tmp_path):
    path = tmp_path / "a.json"
    hostile = "\x1b]0;title\x07\n" + "x" * 10**6
    for tree in (
        {"model": {hostile: 1.0}},
        {"module": hostile, "model": {}},
        {"module": {hostile: 1}, "model": {"w": hostile, "calls": hostile}},
        {"model": {"w": [hostile, 1.0], "calls": 1}},
        {"model": {"w": [1.0, 1.0], "calls": 1}, "optimizer": {"optimizer": hostile}},
        {"model": {"w": [1.0, 1.0], "calls": 1}, "optimizer": SGD([Value(1.0)], 0.1).state_dict() | {"lr": hostile}},
        {
            "model": {"w": [1.0, 1.0], "calls": 1},
            "optimizer": SGD([Value(1.0)], 0.1).state_dict() | {"schedule": {"name": hostile}},
        },
    ):
        path.write_text(json.dumps(tree))
        model = Counting()
        with pytest.raises(ValueError, match=r"a\.json holds") as caught:
            model.load(path, SGD(model, 0.1))
        assert len(str(caught.value)) < 600
        assert str(caught.value).isprintable()


# --- saving -----------------------------------------------------------------------------------------

ENDINGS = pytest.mark.parametrize("ending", ["json", "npz"])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@ENDINGS
def test_nobody_elses_file_is_touched(tmp_path, ending):
    mine = tmp_path / f"x.part.{ending}"
    mine.write_text("mine")
    Neuron(2).save(tmp_path / f"x.{ending}")
    assert mine.read_text() == "mine"
    assert names(tmp_path) == sorted([mine.name, f"x.{ending}"])


@ENDINGS
def test_a_link_stays_a_link(tmp_path, ending):
    (tmp_path / "store").mkdir()
    target, link, chain = tmp_path / "store" / "m.bin", tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    link.symlink_to(target)
    chain.symlink_to(link)
    model = Neuron(2, seed=1)
    for _ in range(2):  # at first the target is not there yet
        model.save(chain)
        assert link.is_symlink()
        assert chain.is_symlink()
        assert not target.is_symlink()
    other = Neuron(2, seed=2)
    other.load(link)
    assert other.state_dict() == model.state_dict()
    assert names(tmp_path / "store") == ["m.bin"]


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")
    with pytest.raises(OSError, match=r"cannot save .*a\.json: it is no regular file; nothing there was changed"):
        Neuron(2).save(tmp_path / "a.json")
    assert (tmp_path / "a.json").is_symlink()


@ENDINGS
def test_permissions_are_kept_and_a_new_file_has_the_usual_ones(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    before = os.umask(0o027)
    try:
        Neuron(2).save(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    for mode in (0o600, 0o664):
        path.chmod(mode)
        Neuron(2).save(path)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_file_that_is_write_protected_stays(tmp_path):
    path = tmp_path / "a.json"
    Neuron(2, seed=1).save(path)
    content = path.read_bytes()
    path.chmod(0o400)
    with pytest.raises(
        PermissionError, match=r"cannot save .*a\.json: it is write-protected; nothing there was changed"
    ):
        Neuron(2, seed=2).save(path)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["a.json"]


SAVES_AS_NOBODY = """
import os, sys
from nn import Neuron, files  # all that is needed: afterwards our folders may be closed
if os.geteuid() == 0:
    os.setuid(65534)
for path in sys.argv[1:]:
    try:
        Neuron(2).save(path)
    except OSError as error:
        print(type(error).__name__, error)
"""


def test_a_folder_or_file_of_somebody_else(tmp_path):
    if os.geteuid():
        pytest.skip("only the superuser can become somebody else")
    outer = tmp_path
    while outer != outer.parent:  # pytest's folders are closed to others
        outer.chmod(outer.stat().st_mode | 0o111)
        outer = outer.parent
    theirs, open_folder = tmp_path / "theirs", tmp_path / "open"
    theirs.mkdir(mode=0o755)
    open_folder.mkdir()
    open_folder.chmod(0o777)
    file = open_folder / "a.json"
    Neuron(2, seed=1).save(file)
    content = file.read_bytes()
    code = [sys.executable, "-c", SAVES_AS_NOBODY, str(theirs / "b.json"), str(file)]
    run = subprocess.run(code, capture_output=True, text=True, check=True)
    first, second = run.stdout.splitlines()
    assert first.startswith("PermissionError cannot save ")
    assert "b.json: Permission denied; nothing there was changed" in first
    assert "a.json: it is write-protected; nothing there was changed" in second
    assert file.read_bytes() == content
    assert names(theirs) == []


def test_what_cannot_be_saved_to(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot save .*a\.json: there is no folder .*none; nothing there"):
        Neuron(2).save(tmp_path / "none" / "a.json")
    (tmp_path / "a.json").mkdir()
    with pytest.raises(OSError, match=r"cannot save .*a\.json: it is no regular file"):
        Neuron(2).save(tmp_path / "a.json")
    os.mkfifo(tmp_path / "b.json")
    with pytest.raises(OSError, match=r"cannot save .*b\.json: it is no regular file"):
        Neuron(2).save(tmp_path / "b.json")
    with pytest.raises(OSError, match=r"cannot save .*xxx….*; nothing there was changed") as caught:
        Neuron(2).save(tmp_path / ("x" * 5000 + ".json"))
    assert len(str(caught.value)) < 300
    assert names(tmp_path) == ["a.json", "b.json"]


@ENDINGS
def test_many_savers_of_one_file(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    models = [Neuron(50, seed=seed) for seed in range(4)]
    failures = []

    def save(model):
        try:
            for _ in range(20):
                model.save(path)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=save, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert names(tmp_path) == [path.name]
    loaded = Neuron(50)
    loaded.load(path)
    assert loaded.state_dict() in [model.state_dict() for model in models]


# --- interrupted, nothing is half done --------------------------------------------------------------


@ENDINGS
def test_an_interrupted_save_leaves_the_old_file_or_the_new_one_and_no_other(tmp_path, ending):
    path = tmp_path / f"a.{ending}"

    def make():
        Neuron(2, seed=1).save(path)
        return Neuron(2, seed=2)

    def look(_):
        read = Neuron(2)
        read.load(path)
        return names(tmp_path), read.state_dict()

    assert at_every_line(make, lambda model: model.save(path), look) > 50


class Small(Module):
    def __init__(self, seed):
        self.neuron, self.dropout = Neuron(2, seed=seed), Dropout(0.5, seed=seed)


def learner(seed):
    """A model and an optimiser that has taken steps: with another seed each part of its state is another."""
    model = Small(seed)
    optimizer = Adam(model, lr=0.1 * seed)
    for _ in range(seed):
        for p in model.parameters():
            p.grad = float(seed)
        optimizer.step()
    return model, optimizer


def everything(made):
    model, optimizer = made
    return model.state_dict(), optimizer.state_dict()


def test_loading_a_state_is_whole_or_not_done():
    state = Small(2).state_dict()
    at_every_line(lambda: Small(1), lambda model: model.load_state_dict(state), Small.state_dict)


def test_loading_the_state_of_an_optimizer_is_whole_or_not_done():
    state = learner(2)[1].state_dict()
    at_every_line(lambda: learner(1)[1], lambda optimizer: optimizer.load_state_dict(state), Adam.state_dict)


@ENDINGS
def test_loading_model_and_optimizer_is_whole_or_not_done(tmp_path, ending):
    model, optimizer = learner(2)
    model.save(tmp_path / f"a.{ending}", optimizer)
    at_every_line(lambda: learner(1), lambda made: made[0].load(tmp_path / f"a.{ending}", made[1]), everything)


def test_switching_dropout_and_clearing_gradients_are_whole_or_not_done():
    def look(model):
        return [p.grad for p in model.parameters()], [module.training for _, module in model.named_modules()]

    def make():
        model = MLP(1, [2, 1], dropout=0.5, seed=1)
        for p in model.parameters():
            p.grad = 1.0
        return model

    at_every_line(make, Module.eval, look)
    at_every_line(make, Module.zero_grad, look)


def test_a_file_as_numpy_1_wrote_it(tmp_path):
    """Its ``savez`` had no option ``allow_pickle``, and saved it as one more array."""
    model, twin = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    model.save(tmp_path / "model.npz")
    with zipfile.ZipFile(tmp_path / "model.npz", "a") as archive, archive.open("allow_pickle.npy", "w") as member:
        np.lib.format.write_array(member, np.array(False))
    twin.load(tmp_path / "model.npz")
    assert twin.state_dict() == model.state_dict()


def test_an_npz_is_one_that_numpy_reads(tmp_path):
    model = MLP(2, [3, 1], seed=1)
    model.save(tmp_path / "model.npz", Adam(model))
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert arrays["model/layers[0].W"].tolist() == model.state_dict()["layers[0].W"]
        assert "allow_pickle" not in arrays


def test_nothing_is_pickled_into_an_npz(tmp_path):
    class Odd(Module):
        counters = ("calls",)

        def __init__(self):
            self.w, self.calls = [parameter(1.0)], object()

    with pytest.raises(ValueError, match=r"model/calls holds neither numbers nor text, but objects: array\(<object"):
        Odd().save(tmp_path / "odd.npz")
    assert names(tmp_path) == []
