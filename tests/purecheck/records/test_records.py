"""Records: what is written is read again, and whatever is not exactly a record is refused in one line."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purecheck.io.files import as_json
from purecheck.records.identity import file_name, identity, setting
from purecheck.records.reading import load_records, parse_record
from purecheck.records.run import Classes, Pretraining, Robustness
from purecheck.records.schemas import SCHEMAS, Record, record_schema
from purecheck.records.shipped import shipped_records
from purecheck.records.writing import write_record
from tests.purecheck.records.manufactured import LADDER, pairs, participation, run_record, sparse_record


def facts(tmp_path: Path) -> dict[str, Any]:
    """The JSON of a good record."""
    path = write_record(run_record(by_eps=(Robustness(0.1, dict.fromkeys(LADDER, 0.0), 0.0),)), tmp_path / "good")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema_and_carries_its_name(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(record_schema(name))
    assert record_schema(name)["$id"] == name


def places(facts: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in `facts`, its own first."""
    yield path
    inner = facts.items() if isinstance(facts, dict) else enumerate(facts) if isinstance(facts, list) else ()
    for name, value in inner:
        yield from places(value, (*path, name))


def changed(facts: Any, path: tuple[Any, ...], value: Any) -> Any:
    """`facts` with another value at `path`."""
    if not path:
        return value
    copy = facts.copy()
    copy[path[0]] = changed(facts[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize(
    "record", [run_record(by_eps=(Robustness(0.1, dict.fromkeys(LADDER, 0.0), 0.0),)), sparse_record()]
)
def test_the_reader_refuses_whatever_the_schema_refuses(record: Record) -> None:
    good: Any = json.loads(as_json(asdict(record)))
    # JSON Schema takes 1.0 for an integer, which the reader refuses
    schema = jsonschema.Draft202012Validator(record_schema(record.schema))
    assert schema.is_valid(good)
    values: tuple[Any, ...] = (None, True, -1, 0.5, "", {})
    refused = 0
    for path in places(good):
        for value in values:
            broken = changed(good, path, value)
            if not schema.is_valid(broken):
                refused += 1
                with pytest.raises(ValueError, match=r"^[^\n]+$"):
                    parse_record(json.dumps(broken))
    assert refused > len(list(places(good)))


def test_every_recorded_run_keeps_its_bytes_when_it_is_written_again() -> None:
    count = 0
    for path in shipped_records().glob("*.json"):
        text = path.read_text("utf-8")
        if (record := parse_record(text)) is not None:
            assert as_json(asdict(record)) == text
            count += 1
    assert count >= 150


@pytest.mark.parametrize(
    "record",
    [
        run_record(),
        sparse_record(),
        sparse_record(dictionary="independent components"),
        run_record(purity=None, by_eps=()),
    ],
)
def test_a_written_record_is_read_again_as_it_was(record: Any, tmp_path: Path) -> None:
    path = write_record(record, tmp_path / "new" / "folder")
    assert path.name == file_name(record)
    assert [stored.record for stored in load_records(tmp_path)] == [record]


@given(images=st.integers(1, 10**7), data=st.data())
def test_every_count_over_the_images_is_an_accuracy(images: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, images))
    record = run_record(0, "none", right / images, images=images, clean_accuracy=1.0)
    assert round(record.worst_case * record.images) == right


def test_the_same_run_takes_the_same_file_and_another_run_another(tmp_path: Path) -> None:
    first = write_record(run_record(), tmp_path)
    assert write_record(run_record(clean_accuracy=0.8), tmp_path) == first
    others: list[Record] = [run_record(1), run_record(0, "fgm"), run_record(profile="full"), sparse_record()]
    assert len({write_record(other, tmp_path) for other in others} | {first}) == 5


def test_arms_and_seeds_share_their_setting_and_nothing_else_does() -> None:
    assert len({setting(record) for record in pairs((0.1, 0.1), (0.3, 0.3))}) == 1
    assert len({identity(record) for record in pairs((0.1, 0.1), (0.3, 0.3))}) == 4
    assert setting(run_record()) != setting(run_record(images=100))
    assert setting(run_record()) != setting(run_record(dataset="CIFAR-10"))


def test_other_files_of_the_suite_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "check.json").write_text('{"schema": "purecheck-report/1"}')
    (tmp_path / ".writing-x").mkdir()
    (tmp_path / ".writing-x" / "half.json").write_text("{")
    assert load_records(tmp_path) == []


def test_a_second_file_of_the_same_run_is_refused(tmp_path: Path) -> None:
    path = write_record(run_record(), tmp_path)
    (tmp_path / "again.json").write_text(path.read_text())
    with pytest.raises(ValueError, match=r"holds the same run as .*again\.json; expected every run once$"):
        load_records(tmp_path)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("schema",), "purecheck-run/2", "schema is 'purecheck-run/2'; expected one of"),
        (("schema",), ["purecheck-run/1"], "schema is"),
        (("seed",), None, "seed is None; expected a valid integer"),
        (("seed",), 1.0, "seed is 1.0; expected a valid integer"),
        (("images",), True, "images is True; expected a valid integer"),
        (("eps",), "8/255", "eps is '8/255'; expected a valid number"),
        (("head",), "new", "head is 'new'; expected 'clean', 'adversarial'"),
        (("extra",), 1, "extra is an unknown field; expected only the fields of purecheck-run/1"),
        (("cost", "seconds"), True, "cost.seconds is True; expected a valid number"),
        (("cost", "head_seconds"), -1, "cost.head_seconds is -1; expected a number greater than or equal to 0"),
        (("environment", "packages"), {}, "environment.packages is {}; expected at least 1 item"),
        (("environment", "python"), 3.11, "environment.python is 3.11; expected a valid string"),
        (("architecture", "patch"), None, "architecture.patch is None; expected a valid string or a valid integer or"),
        (("attacks", "fgm", "steps"), 1.0, "attacks.fgm.steps is 1.0; expected a valid integer"),
        (("attacks",), {}, "attacks is {}; expected at least 1 item"),
        (("by_eps", 0, "more"), 1, "by_eps[0].more is an unknown field"),
        (("classes", "head"), ["cat", "cat"], "classes.head is ['cat', 'cat']; expected each name once"),
        (("cost",), {}, "cost.seconds is missing; expected all fields of purecheck-run/1"),
        (("robust_accuracy", "fgm"), 1.2, "robust_accuracy.fgm is 1.2; expected a number less than or equal to 1"),
        (("robust_accuracy", "fgm"), 0.12345, "robust_accuracy['fgm'] is 0.12345; expected a count"),
        (("robust_accuracy", "new"), 0.1, "robust_accuracy has"),
        (("worst_case",), 0.2, "worst_case is 0.2; expected at most 0.1"),
        (("by_eps", 0, "worst_case"), 0.1, "by_eps[0].worst_case is 0.1; expected at most 0.0"),
        (("by_eps", 0, "eps"), 8 / 255, "expected each size once"),
        (("pretraining", "eps"), 0.1, "pretraining.eps is 0.1 with the attack 'none'"),
        (("labels",), "disjoint", "labels is 'disjoint' with the classes"),
        (("filters",), "../filters.npz", "filters is '../filters.npz'; expected the name of a .npz file"),
    ],
)
def test_a_broken_field_is_refused_in_one_line_that_names_file_and_field(
    path: tuple[Any, ...], value: Any, words: str, tmp_path: Path
) -> None:
    broken = facts(tmp_path / "other")
    place: Any = broken
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "broken.json").write_text(json.dumps(broken))
    with pytest.raises(ValueError, match=r"broken\.json: ") as refused:
        load_records(tmp_path / "records")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("[]", "schema is None"),
        ('{"schema": "purecheck-run/1"}', "dataset is missing; expected all fields of purecheck-run/1"),
        ('{"seed": 1, "seed": 2}', "the field 'seed' stands twice"),
        ('{"eps": NaN}', "a number is NaN; expected finite numbers"),
        ('{"eps": 1e999}', "a number is 1e999; expected finite numbers"),
        ("[" * 100_000, "nested too deeply"),
        ("\xff", "codec can't decode"),
    ],
)
def test_a_file_that_is_no_record_is_refused_in_one_line(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"broken\.json: ") as refused:
        load_records(tmp_path)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_record_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    for broken in (run_record(cost={"seconds": float("nan")}), replace(run_record(), seed=-1), run_record(dataset="")):
        with pytest.raises(ValueError, match=r"compliant|expected"):
            write_record(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_arrays_lie_beside_the_record_that_names_them(tmp_path: Path) -> None:
    filters = np.ones((2, 3, 6, 6))
    write_record(run_record(filters="filters.npz"), tmp_path, {"filters": filters})
    (stored,) = load_records(tmp_path)
    np.testing.assert_array_equal(stored.arrays()["filters"], filters)
    (tmp_path / "filters.npz").unlink()
    with pytest.raises(ValueError, match=r"^filters\.npz cannot be read"):
        stored.arrays()
    with pytest.raises(ValueError, match="expected a name if there are arrays"):
        write_record(run_record(filters="filters.npz"), tmp_path)


def test_coarse_labels_have_classes_of_their_own() -> None:
    coarse = Classes(("cat", "ship"), ("animal", "vehicle"))
    assert run_record(labels="coarse", classes=coarse).classes is coarse
    with pytest.raises(ValueError, match="labels is 'same'"):
        run_record(classes=coarse)


def test_an_attack_in_pretraining_has_a_size() -> None:
    with pytest.raises(ValueError, match=r"pretraining\.eps is 0\.0 with the attack 'pgd'; expected 0 for 'none'"):
        Pretraining("supervised", "pgd", "linf", 0.0, 8, 100)


def test_a_filter_holds_between_one_feature_and_all() -> None:
    with pytest.raises(ValueError, match=r"participation\.clean\.mean is 101"):
        sparse_record(participation=participation(101.0, 3.0))
