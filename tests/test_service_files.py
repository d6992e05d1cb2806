"""The files of systemd and launchd: read back, they run the very command that was meant."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.service.job import Job, is_ours
from mdtasks.service.launchd import agent
from mdtasks.service.systemd import unit

HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
        st.sampled_from(list(" \t\n\r%$\"'\\;{}@+!:-#=aHé日")),
    ),
    max_size=30,
)
ODD = 'My "notes" 100% $HOME ${A}b it\'s \\n ; ünï\n#x'


def unit_of(*words: str, **variables: str) -> str:
    return unit(Job("home", words, tuple(variables.items()))).decode()


def value_of(text: str, name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)
    return str(value)


# As systemd reads: systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers"; systemd.service(5)

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "s": " ", '"': '"', "'": "'", "\\": "\\"}


def split(value: str) -> list[str]:
    """Return the words of a line, unquoted."""
    words: list[str] = []
    at = 0
    while at < len(value):
        if value[at] == " ":
            at += 1
            continue
        word, quote = "", ""
        while at < len(value) and (quote or value[at] != " "):
            sign = value[at]
            if quote and sign == quote:
                quote = ""
            elif not quote and sign in "\"'":
                quote = sign
            elif sign == "\\":
                at += 1
                if value[at] == "x":
                    word += chr(int(value[at + 1 : at + 3], 16))
                    at += 2
                else:
                    word += ESCAPES[value[at]]
            else:
                word += sign
            at += 1
        assert not quote
        words.append(word)
    return words


def without_specifiers(word: str) -> str:
    assert not re.search(r"%(?!%)", word.replace("%%", "")), word
    return word.replace("%%", "%")


def without_variables(word: str) -> str:
    """No variable is set but what `$$` stands for: a dollar."""
    assert not re.search(r"\$", word.replace("$$", "")), word
    return word.replace("$$", "$")


def run_by(text: str) -> list[str]:
    """Return the words of the process that systemd starts."""
    program, *rest = map(without_specifiers, split(value_of(text, "ExecStart")))
    assert not set(program) & set("\"'\\$\n\r\t")  # systemd refuses such a program
    words = [program, *map(without_variables, rest)]
    if words[:3] == ["/bin/sh", "-c", 'exec "$0" "$@"']:
        done = subprocess.run(
            [*words[:2], 'printf "%s\\0" "$0" "$@"', *words[3:]], capture_output=True, check=True
        )
        return done.stdout.decode().split("\0")[:-1]
    return words


@given(HOSTILE, HOSTILE)
def test_systemd_starts_the_words_that_were_meant(one: str, other: str) -> None:
    words = ["/usr/bin/python3", "--vault", f"/{one}", other]
    text = unit_of(*words)
    assert run_by(text) == words
    # A line ends at these, and at no other sign.
    assert [line for line in re.split("[\n\r]", text) if line.startswith("ExecStart")] == [
        f"ExecStart={value_of(text, 'ExecStart')}"
    ]


@pytest.mark.parametrize("program", ["/opt/my python", "/opt/100%/py", "/o'p\"t/$py\\", "/opt/日"])
def test_systemd_finds_a_program_wherever_it_is(program: str) -> None:
    assert run_by(unit_of(program, "-m", "$1 %h")) == [program, "-m", "$1 %h"]


@given(HOSTILE)
def test_systemd_sets_variables_as_they_are(value: str) -> None:
    (word,) = split(value_of(unit_of("/bin/true", TZ=value), "Environment"))
    assert without_specifiers(word) == f"TZ={value}"


def test_systemd_itself_has_nothing_against_the_unit(tmp_path: Path) -> None:
    """The tool comes with systemd; where there is none, no unit is installed either."""
    if not shutil.which("systemd-analyze"):
        return
    path = tmp_path / "mdtasks-home.service"
    path.write_text(unit_of("/bin/sh", "--vault", f"/home/{ODD}", "watch", TZ=ODD))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", str(path)],
        capture_output=True,
        check=False,
        text=True,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert "mdtasks-home" not in done.stderr + done.stdout
    assert done.returncode == 0


def test_it_is_not_started_again_after_a_wrong_setting_or_beside_another_watcher() -> None:
    text = unit_of("/bin/true")
    assert value_of(text, "Restart") == "on-failure"
    assert value_of(text, "RestartPreventExitStatus").split() == ["2", "5"]


@given(st.lists(HOSTILE, min_size=1), HOSTILE)
def test_launchd_starts_the_words_that_were_meant(words: list[str], value: str) -> None:
    texts = [*words, value]
    job = Job("home", words, (("TZ", value),))
    if any(re.search(r"[\x00-\x1f\x7f]", text) for text in texts):
        with pytest.raises(ValueError, match="control"):
            agent(job, "/log")
        return
    try:
        data = agent(job, "/log")
    except ValueError:
        # XML knows no way to write these.
        assert any(re.search("[\ufffe\uffff]", text) for text in texts)
        return
    said = plistlib.loads(data)
    assert said["ProgramArguments"] == words
    assert said["EnvironmentVariables"] == {"TZ": value}
    assert (said["Label"], said["RunAtLoad"]) == ("mdtasks.home", True)


@pytest.mark.parametrize("data", [unit(Job("a", ("/b",))), agent(Job("a", ("/b",)), "/log")])
def test_a_file_of_ours_is_known_until_a_byte_of_it_changes(data: bytes) -> None:
    assert is_ours(data)
    assert not is_ours(b"")
    for at in range(len(data)):
        assert not is_ours(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert not is_ours(data + b"\n")
