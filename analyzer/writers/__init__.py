"""Stage 7: the report, written as JSON, HTML, PDF and CSV, all drawn from one document.

atomic_file      a file is written whole or not at all
csv_cells        cells that no spreadsheet takes for a formula
markdown_cells   cells in which no name is Markdown
templates        where the templates are
collect_rights   the rights that the export script needs
collect_script   the export script for the account owner
proposals        proposals as JSON, text and Terraform
document         the report document: what is in report.json
json             the document as JSON
csv              findings and population as CSV
view             what a page shows, worked out for the templates
html             report.html
pdf              report.pdf
comparison       what became of each finding, as text, Markdown, HTML and JSON
scan             the formats of `credaudit scan`
formats          every format and what renders it: what the command line asks
"""
