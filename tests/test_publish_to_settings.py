"""`[[publish]]` in mdtasks.toml: what is taken, what is refused, and what no refusal shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.settings import Outlet
from tests.shaped import config, refusal

PASS = 'user = "me"\npassword_command = ["pass", "show", "cloud"]'


def outlets(text: str) -> tuple[Outlet, ...]:
    return config(f"[[publish]]\n{text}").publish


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('file = "~/Cloud/plan.ics"', Outlet("plan", "file", "~/Cloud/plan.ics")),
        (
            'webdav = "https://Cloud.Example.com/dav/plan.ics"\nlens = "busy"',
            Outlet("cloud.example.com", "webdav", "https://Cloud.Example.com/dav/plan.ics", "busy"),
        ),
        (
            f'name = "phone"\ncaldav = "https://cloud.example.com/dav/me/plan"\n{PASS}',
            Outlet(
                "phone",
                "caldav",
                "https://cloud.example.com/dav/me/plan/",
                user="me",
                password_command=("pass", "show", "cloud"),
            ),
        ),
        ('caldav = "http://127.0.0.1:5232/me/c/"', Outlet("127.0.0.1", "caldav", "")),
        ('caldav = "http://[::1]:5232/me/c/"', Outlet("[::1]", "caldav", "")),
        (
            'webdav = "https://a.example/b.ics"\nuser = "me"\npassword_env = "PW"',
            Outlet("a.example", "webdav", "", user="me", password_env="PW"),
        ),
    ],
)
def test_a_place_is_read(text: str, wanted: Outlet) -> None:
    (one,) = outlets(text)
    assert one == (wanted if wanted.to else wanted._replace(to=one.to))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has none of file, webdav, caldav"),
        ('file = "a.ics"\ncaldav = "https://a.example/b/"', "has several of"),
        ('file = "folder"', '".ics"'),
        (f'file = "a.ics"\n{PASS}', "a file with a login"),
        ('caldav = "https://me:hidden@a.example/hidden/"', "has a login in it"),
        ('caldav = "http://a.example/hidden/"', "is not encrypted"),
        ('caldav = "http://192.168.1.5/hidden/"', "is not encrypted"),
        ('caldav = "ftp://a.example/hidden/"', "is no address"),
        ('caldav = "hidden"', "is no address"),
        ("caldav = 7", "is no address"),
        ('caldav = "https://a.example/hid den/"', "is no address"),
        ('caldav = "https://a.example/hidden?a=b"', "is no calendar"),
        ('webdav = "https://a.example/hidden/"', "is no calendar file"),
        ('webdav = "https://a.example/hidden.ics#top"', "is no address"),
        ('webdav = "https://a.example/b.ics"\nuser = "me"', "has no `password_command`"),
        ('webdav = "https://a.example/b.ics"\npassword_env = "PW"', "has no `user`"),
        (f'webdav = "https://a.example/b.ics"\n{PASS}\npassword_env = "PW"', "has both"),
        ('webdav = "https://a.example/b.ics"\nuser = "me"\npassword_env = "$PW"', "variable"),
        ('webdav = "https://a.example/b.ics"\nuser = "a:b"\npassword_env = "PW"', "colon"),
        (
            'webdav = "https://a.example/b.ics"\nuser = "a"\npassword_command = "pass show"',
            '["pass", "show", "cloud"]',
        ),
        ('file = "a.ics"\nlens = "blurred"', "one of full, title, busy"),
        ('file = "a.ics"\npassword = "hidden"', "unknown key `password`"),
    ],
)
def test_what_is_wrong_is_told_without_the_address(tmp_path: Path, text: str, said: str) -> None:
    shown = " ".join(refusal(tmp_path, f"[[publish]]\n{text}"))
    assert said in shown
    assert "hidden" not in shown


def test_two_places_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = '[[publish]]\nfile = "a/plan.ics"\n[[publish]]\nfile = "b/plan.ics"\n'
    assert 'two places in [[publish]] are called "plan"' in refusal(tmp_path, twice)[0]


def test_one_table_in_single_brackets_is_refused(tmp_path: Path) -> None:
    assert "[[publish]]" in refusal(tmp_path, '[publish]\nfile = "a.ics"\n')[1]
