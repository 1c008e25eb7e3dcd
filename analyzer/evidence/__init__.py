"""Stage 1: the files that an account owner exported become rows and documents with locations.

export_kinds        which exports there are, one row each: how they are known, made and joined
artifacts           the nouns: artifact, location, note
cells               the values of a cell: yes or no, a time, or why neither
text_encoding       bytes to text
json_documents      JSON and YAML to nodes that know their pointer
credential_report   the credential report to rows
recognition         which export a document is
parsing             one file to tables and documents
input_files         what was handed in to files, archives opened
attribution         which account and which time a file belongs to
loading             all of it: inputs to evidence
accepted_risks      the file of accepted risks
previous_report     the last report
"""
