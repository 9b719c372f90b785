"""Flows customers help themselves with, one for each tier. Source: 2.3, 2.4.3-04."""

from wecc.selfservice.feature import SelfServiceFeature, bind, build, seed_flows
from wecc.selfservice.flows import Flows

__all__ = ["Flows", "SelfServiceFeature", "bind", "build", "seed_flows"]
