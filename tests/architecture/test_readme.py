"""What the README links to is there, and each test that it names is in the file that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [target for _, target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in links if not (page.parent / target).exists()] == []


def test_every_test_that_the_readme_names_is_in_its_file() -> None:
    links = LINK.findall((ROOT / "README.md").read_text("utf-8"))
    named = [(text.strip("`"), target) for text, target in links if text.startswith("`test_")]
    assert len(named) >= 10
    assert [name for name, file in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")] == []
