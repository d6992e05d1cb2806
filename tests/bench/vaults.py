"""Vaults such as people have, made up: the same seed gives the same bytes.

Rule: four notes in ten hold tasks; sizes are log-normal, as those of files are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

TODAY = date(2026, 11, 23)


def _words(text: str) -> list[str]:
    return text.split()


_WORDS = _words(
    "plan review draft meeting budget launch invoice server garden report weekly idea research "
    "chapter figure result model kitchen travel ticket family doctor contract repair library "
    "music project risk owner status follow call answer question because however during between "
    "toward several measure structure design change value and of to in for with on that this is"
)
_FOREIGN = _words(
    "会議の議事録 買い物リスト 预算审核 发送邮件 발표 자료 Überprüfung smörgåsbord naïve 🚀"
)
_TAGS = _words("#work #home #errand #deep #admin #health")

_MEDIAN_BYTES, _SPREAD = 1500, 1.1
_LARGEST = 60_000


def write_vault(root: Path, notes: int, seed: int = 1) -> None:
    """Write a vault of so many notes, a tenth of them daily ones."""
    folders = [f"{word.title()} {n}" for n, word in enumerate(_WORDS[: max(1, notes // 100)])]
    for number in range(notes):
        random = Random(f"{seed} {number}")
        daily = number % 10 == 0
        day = TODAY - timedelta(days=number // 10)
        stem = f"{day}" if daily else f"{_sentence(random, 2)} {number}"
        path = root / ("Daily" if daily else random.choice(folders)) / f"{stem}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_note(random))


def _note(random: Random) -> bytes:
    size = min(random.lognormvariate(0, _SPREAD) * _MEDIAN_BYTES, _LARGEST)
    blocks = [_tasks] if random.random() < 0.4 else []
    parts = ["---\ntags: [note, made-up]\n---\n"] if random.random() < 0.3 else []
    while sum(map(len, parts)) < size:
        kinds = [_paragraph, _heading, _bullets, _fence, _callout, _table, *blocks]
        block = random.choices(kinds, [50, 15, 12, 6, 5, 3, *(12 for _ in blocks)])[0]
        parts.append("\n".join(block(random)) + "\n")
    if blocks:
        parts.append("\n".join(_tasks(random)) + "\n")
    text = "\n".join(parts)
    if random.random() < 0.05:
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if random.random() < 0.01 else "utf-8")


def _sentence(random: Random, words: int) -> str:
    return " ".join(random.choices(_FOREIGN if random.random() < 0.08 else _WORDS, k=words))


def _paragraph(random: Random) -> Iterator[str]:
    yield f"{_sentence(random, random.randint(15, 80))} [[{_sentence(random, 2)}]]."


def _heading(random: Random) -> Iterator[str]:
    yield f"{'#' * random.randint(1, 3)} {_sentence(random, 3)}"


def _bullets(random: Random) -> Iterator[str]:
    for _ in range(random.randint(2, 8)):
        yield f"{'  ' * random.randint(0, 1)}- {_sentence(random, 6)}"


def _fence(random: Random) -> Iterator[str]:
    code = (f"{_sentence(random, 1)} = {_sentence(random, 1)}()" for _ in range(6))
    yield from ("```python", *code, "- [ ] no task", "```")


def _callout(random: Random) -> Iterator[str]:
    yield f"> [!tip] {_sentence(random, 3)}"
    yield f"> {_sentence(random, 12)}"


def _table(random: Random) -> Iterator[str]:
    yield "| what | when |\n| --- | --- |"
    for _ in range(random.randint(2, 6)):
        yield f"| {_sentence(random, 2)} | {_day(random)} |"


def _tasks(random: Random) -> Iterator[str]:
    prefix = "> " if random.random() < 0.08 else ""
    lines = [f"- {_task(random)}" for _ in range(random.randint(1, 6))]
    if random.random() < 0.3:
        lines += [f"  {line}" for line in islice(lines, 2)]
    yield from (prefix + line for line in lines)


def _task(random: Random) -> str:
    symbol = random.choices(" x/-", [35, 60, 3, 2])[0]
    text = f"[{symbol}] {_sentence(random, random.randint(2, 8))}"
    if random.random() < 0.25:
        text += f" {random.choice(_TAGS)}"
    emoji = random.random() < 0.7
    if random.random() < 0.15:
        text += random.choice((" ⏫", " 🔼") if emoji else (" [priority:: high]",))
    if random.random() < 0.15:
        text += " ⏱ 45m" if emoji else " [estimate:: 45m]"
    if random.random() < 0.05:
        text += " 🔁 every week" if emoji else " [repeat:: every week]"
    if random.random() < 0.3:
        day = _day(random)
        text += f" 📅 {day}" if emoji else f" [due:: {day}]"
    if symbol == "x":
        day = _day(random)
        text += f" ✅ {day}" if emoji else f" [completion:: {day}]"
    return text


def _day(random: Random) -> date:
    return TODAY + timedelta(days=random.randint(-60, 120))
