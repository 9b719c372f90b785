"""The sample operator: a small site of the fictional Nanfang Telecom that embeds the center's widget.

It stands for the integrator. It knows the center by its origin, its id and one identity key, and shares
nothing else with it.
"""

from wecc.demo.customers import CUSTOMERS, Customer
from wecc.demo.site import IdentityKey, build_site

__all__ = ["CUSTOMERS", "Customer", "IdentityKey", "build_site"]
