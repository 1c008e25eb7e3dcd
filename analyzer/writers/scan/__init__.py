"""What `credaudit scan` writes: one document, and the formats drawn from it.

document   the scan document: what is in scan.json
text       for a terminal
csv        as CSV
sarif      as SARIF 2.1.0
baseline   as a .secrets.baseline
"""
