"""What is written for people stays true: links lead somewhere, commands exist, both languages say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from deploy.cli import app
from gateway.settings import GatewaySettings
from shared.settings import CommonSettings, ServiceSettings
from tests.architecture.source import ROOT, files

pytestmark = pytest.mark.check

DOCUMENTS = [path for path in files() if path.suffix == ".md"]
_LINK = re.compile(r"\]\(([^)#\s]+)")
_MAKE = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
_FANGFAN = re.compile(r"(?:^|`)fangfan (?:--\S+ \S+ )?([a-z]+)", re.MULTILINE)


def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def dead_links(document: Path) -> list[str]:
    links = _LINK.findall(document.read_text("utf-8"))
    return [link for link in links if "://" not in link and not (document.parent / link).exists()]


def outline(text: str) -> dict[str, list[str]]:
    """Return what two translations of one text have in common."""
    return {
        "headings": re.findall(r"^#+(?= )", text, re.MULTILINE),
        "code": re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[-1:],
        "links": [link for link in _LINK.findall(text) if not link.startswith("README")],
        "points": re.findall(r"^(?:\*|\|)(?= )", text, re.MULTILINE),
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    assert dead_links(document) == []


def test_the_readme_says_the_same_in_both_languages() -> None:
    assert outline(_text("README.md")) == outline(_text("README.zh-CN.md"))


def test_operators_are_told_every_setting() -> None:
    told = _text("docs/running.md")
    variables = [
        *(f"FANGFAN_{name.upper()}" for name in CommonSettings.model_fields),
        *(f"FANGFAN_SERVICE_{name.upper()}" for name in ServiceSettings.model_fields),
        *(f"FANGFAN_GATEWAY_{name.upper()}" for name in GatewaySettings.model_fields if name != "rate_burst"),
    ]
    assert [variable for variable in variables if f"`{variable}`" not in told] == []


def test_every_command_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        assert set(_MAKE.findall(text)) <= targets, document
        assert set(_FANGFAN.findall(text)) <= commands, document


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text("[here](README.md), [there](nowhere.md), [away](https://example.org/x)")
    assert dead_links(document) == ["nowhere.md"]


def test_a_translation_that_lost_a_point_is_noticed() -> None:
    assert outline("# A\n\n* one\n* two\n") != outline("# 甲\n\n* 一\n")
