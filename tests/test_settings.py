"""Settings: typed, closed, and refused with the key's full name."""

from __future__ import annotations

from pathlib import Path

import pytest

from wecc.settings import Settings, SettingsError, Web, load


def test_defaults_serve_on_this_machine_only() -> None:
    settings = load(None, {})
    assert settings == Settings()
    assert settings.web.origin == "http://127.0.0.1:8000"
    assert not settings.web.is_https
    assert settings.data.is_sqlite
    assert settings.data.is_embedded_redis
    assert (settings.sign_in.max_failures, settings.sign_in.lock_s) == (3, 900)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "wecc.toml"
    file.write_text('[web]\nport = 9000\nhost = "0.0.0.0"\n[limits]\nrequests_per_s = 5\n')
    settings = load(
        file, {"WECC_WEB__PORT": "9001", "PATH": "/bin", "DATABASE_URL": "postgres://db/x", "REDIS_URL": ""}
    )
    assert (settings.web.host, settings.web.port, settings.limits.requests_per_s) == ("0.0.0.0", 9001, 5)
    assert settings.data.database_url == "postgres://db/x"
    assert settings.data.is_embedded_redis


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"WECC_WEB__PROT": "1"}, "unknown setting web.prot"),
        ({"WECC_COLOUR": "red"}, "unknown setting colour"),
        ({"WECC_WEB__PORT": "70000"}, "setting web.port: input should be less than or equal to 65535"),
        ({"WECC_WEB__PORT": "many"}, "setting web.port: input should be a valid integer"),
        ({"WECC_WEB__PORT": "1", "WECC_WEB__PORT__X": "1"}, "unknown setting web.port.x"),
        ({"WECC_ROUTING__POLICY": "luck"}, "setting routing.policy"),
        ({"WECC_SIGN_IN__MAX_FAILURES": "0"}, "setting sign_in.max_failures"),
        ({"WECC_LOG__LEVEL": "loud"}, "setting log.level"),
    ],
)
def test_a_bad_key_is_named(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(None, environment)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("content", [b"[web", b"\xff\xfe", b"[web]\nport = 1\nport = 2"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "wecc.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"wecc\.toml cannot be read"):
        load(file, {})


@pytest.mark.parametrize(
    ("url", "origin", "is_https"),
    [("https://cc.example.com", "https://cc.example.com", True), ("https://cc.example.com:8443/x?y", "https://cc.example.com:8443", True),
     ("http://cc.example.com/", "http://cc.example.com", False)],
)  # fmt: skip
def test_the_origin_is_as_browsers_write_it(url: str, origin: str, is_https: bool) -> None:
    web = Web(public_url=url)
    assert (web.origin, web.is_https) == (origin, is_https)


def test_on_ones_own_machine_both_of_its_names_are_the_center() -> None:
    assert Web(port=8000).origins == {"http://127.0.0.1:8000", "http://localhost:8000"}
    assert Web(public_url="https://cc.example.com/").origins == {"https://cc.example.com"}
    assert Web(host="0.0.0.0").origins == {"http://0.0.0.0:8000"}
