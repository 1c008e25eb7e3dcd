"""credaudit: an AWS IAM audit that runs in a room with no network."""

__version__ = "0.1.0"
