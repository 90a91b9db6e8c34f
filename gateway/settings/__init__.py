"""Configuration: YAML and environment in, frozen settings or every error with its place out."""

from gateway.settings.build import load
from gateway.settings.differences import differences
from gateway.settings.faults import ConfigurationInvalid
from gateway.settings.model import Listen, Log, Origin, Settings, Till, Tls, VendorAccount
from gateway.settings.references import Reference, SecretUnreadable, decoded, read_secret
from gateway.settings.schema import schema, schema_text

__all__ = [
    "ConfigurationInvalid",
    "Listen",
    "Log",
    "Origin",
    "Reference",
    "SecretUnreadable",
    "Settings",
    "Till",
    "Tls",
    "VendorAccount",
    "decoded",
    "differences",
    "load",
    "read_secret",
    "schema",
    "schema_text",
]
