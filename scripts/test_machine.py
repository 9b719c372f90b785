"""Bring what the tests need and Python cannot carry: a browser, PostgreSQL, a Chinese font.

Installs from the distribution where it may; otherwise says in one sentence what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def has_chromium() -> bool:
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


def has_postgresql() -> bool:
    # Debian keeps the server's programs off PATH.
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_chinese_font() -> bool:
    if sys.platform == "darwin":  # always has one
        return True
    fonts = shutil.which("fc-list")
    return fonts is not None and bool(subprocess.check_output([fonts, ":lang=zh-cn", "family"]))


NEEDS = (
    ("Chromium", has_chromium, ("chromium",)),
    ("PostgreSQL", has_postgresql, ("postgresql",)),
    ("a Chinese font", has_chinese_font, ("fontconfig", "fonts-wqy-zenhei")),
)


def root_prefix() -> list[str] | None:
    """How to run a command as root without asking for a password; None where that is impossible."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def install(packages: list[str]) -> None:
    """Best effort: what is still missing afterwards is named by the caller."""
    apt, prefix = shutil.which("apt-get"), root_prefix()
    if apt is None or prefix is None:
        return
    print("Installing", *packages, flush=True)
    as_root = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq"]
    subprocess.run([*as_root, "update"], check=False)
    subprocess.run([*as_root, "install", "--yes", "--no-install-recommends", *packages], check=False)


def main() -> None:
    lacking = [package for _, is_here, packages in NEEDS if not is_here() for package in packages]
    if lacking:
        install(lacking)
    missing = [name for name, is_here, _ in NEEDS if not is_here()]
    if missing:
        sys.exit(f"The tests need {' and '.join(missing)}; please install what this system calls them.")


if __name__ == "__main__":
    main()
