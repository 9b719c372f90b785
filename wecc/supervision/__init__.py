"""Supervisors see the floor and steer it: wallboard, serving out of turn, the routing plan, what-if."""

from wecc.supervision.feature import SupervisionFeature, bind, build
from wecc.supervision.floor import FLOOR_PAUSE_S, SAMPLE_S

__all__ = ["FLOOR_PAUSE_S", "SAMPLE_S", "SupervisionFeature", "bind", "build"]
