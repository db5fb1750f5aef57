"""What the documents say is true: every example runs, and every link leads somewhere."""

import doctest
import gc
import importlib
import pkgutil
import re
import warnings
from collections import Counter
from pathlib import Path

import pytest

import dualad

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<code>.*?)^ *```$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
IMAGE = re.compile(r"!\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *#*$", re.M)
REASON = re.compile(r"<!-- no-run: .*(network|GUI|display|install).* -->\s*$")

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def modules():
    """Return the names of all modules of the package."""
    found = [info.name for info in pkgutil.walk_packages(dualad.__path__, "dualad.")]
    return ["dualad", *[name for name in found if not name.endswith("__main__")]]


def run_doctest(test):
    """Run a doctest, and fail with what it prints."""
    report = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner.run(test, out=report.append, clear_globs=False)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_run(name):
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        if test.examples:
            run_doctest(test)


def blocks(page):
    """Return info strings, code and line numbers of the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        code = match["code"]
        if match["indent"]:
            code = re.sub(f"^{match['indent']}", "", code, flags=re.M)
        line = text.count("\n", 0, match.start("code"))
        found.append((match["info"].strip(), code, line, text[: match.start()]))
    return found


@every_page
def test_examples_on_pages_run(page, tmp_path, monkeypatch, capsys):
    """The blocks of one page share their names, in order."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    for info, code, line, before in blocks(page):
        if info == "python no-run":
            assert REASON.search(before), f"line {line}: say why before the block, in a comment"
            compile(code, str(page), "exec")
        elif info == "python" and ">>>" in code:
            parser = doctest.DocTestParser()
            test = parser.get_doctest(code, names, page.name, str(page), line)
            test.globs = names  # the same ones, so that later blocks see them
            run_doctest(test)
        elif info == "python":
            exec(compile("\n" * line + code, str(page), "exec"), names)
        else:
            assert not info.startswith("python"), f"line {line}: what is ```{info}?"
    capsys.readouterr()
    names.clear()
    gc.collect()  # what a page leaves open is reported here, and not by another test


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    seen, found = Counter(), set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    for match in HEADING.finditer(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match["text"])
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(slug if not seen[slug] else f"{slug}-{seen[slug]}")
        seen[slug] += 1
    return found


@every_page
def test_links_between_pages_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for pattern in (LINK, IMAGE):
        for match in pattern.finditer(text):
            target = match["target"]
            if re.match(r"[a-z]+:", target):
                continue  # other sites are not for a test to visit
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), target
            assert file.is_relative_to(ROOT), f"{target} leads out of the project"
            if anchor:
                assert anchor in anchors(file), f"{target}: {sorted(anchors(file))}"


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for match in LINK.finditer(FENCE.sub("", page.read_text(encoding="utf-8"))):
            path = match["target"].partition("#")[0]
            file = (page.parent / path).resolve()
            if path and file.is_dir():
                waiting += sorted(file.glob("*.md"))  # a folder shows its files
            elif path and file.suffix == ".md" and file.exists():
                waiting.append(file)
    assert {page.relative_to(ROOT).as_posix() for page in PAGES if page not in reached} == set()
