"""Passapp: one pass for every third place of a network, and a settlement that everyone can check."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("passapp")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0.0.0"
