"""What people let stay, with the reason; and redaction.

ignore_files   .gitleaksignore, lock files
baseline       .secrets.baseline of detect-secrets
apply          all of them on the credentials of a scan
redact         secrets in names, masked
"""
