"""Every reader of a text format answers damaged text with crashes that can be stored, or with the named error."""

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.parsers import TextFormat
from tests.fuzz import facts, samples
from tests.fuzz.mutations import damaged

FORMATS = {each.NAME: each for each in parsers.FORMATS}
ANY = st.one_of(damaged(samples.ALL), st.binary(max_size=400), st.lists(damaged(samples.ALL), max_size=3).map(b"".join))


def test_every_format_has_samples_that_it_reads() -> None:
    assert set(FORMATS) == set(samples.BY_FORMAT)
    read = {name: {parsers.parse(text)[0].format for text in texts} for name, texts in samples.BY_FORMAT.items()}
    assert {name: {name} for name in FORMATS} == read


def read(content: bytes, formats: Sequence[TextFormat] = parsers.FORMATS) -> list[Crash]:
    """Read as the registry does; a refusal is a sentence for a person."""
    sentence = ""
    try:
        crashes = parsers.parse(content, formats=formats)
    except DumpError as error:
        crashes, sentence = [], str(error)
    assert bool(crashes) != bool(sentence)
    assert len(sentence) < 500
    return crashes


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_text_is_read_or_refused(name: str) -> None:
    reader = FORMATS[name]

    @given(damaged(samples.BY_FORMAT[name]))
    def fuzz(content: bytes) -> None:
        for crash in read(content, (reader,))[:8]:
            facts.check(crash)

    fuzz()


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_bears_the_texts_of_other_formats(name: str) -> None:
    """The registry may ask any reader for any text that looks like its own."""
    reader = FORMATS[name]

    @given(ANY)
    def fuzz(content: bytes) -> None:
        reader.sniff(content)
        with contextlib.suppress(DumpError):
            reader.parse(content)

    fuzz()


@given(ANY, st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_the_registry_reads_or_refuses_any_text_in_any_encoding(content: bytes, encoding: str) -> None:
    raw = content if encoding == "utf-8" else content.decode("utf-8", errors="replace").encode(encoding)
    for crash in read(raw)[:8]:
        facts.check(crash)
