"""x"""

from __future__ import annotations

import argparse


def add_parser(measurements: argparse._SubParsersAction[argparse.ArgumentParser]) -> None: ...
