"""What people allow to stay, with the reason; and redaction.

ignore_files   the fingerprints of a .gitleaksignore, and names of lock files
baseline       a baseline of detect-secrets, and the values it names
apply          sets aside what these, or inline comments, allow
redact         masks secrets in the names of places
"""
