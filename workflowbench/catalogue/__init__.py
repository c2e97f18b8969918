"""The API catalogue: what each action is, takes and returns."""

from workflowbench.catalogue.api import Api, Parameter
from workflowbench.catalogue.collection import Catalogue
from workflowbench.catalogue.shipped import builtin_catalogue

__all__ = ["Api", "Catalogue", "Parameter", "builtin_catalogue"]
