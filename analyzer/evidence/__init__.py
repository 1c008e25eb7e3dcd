"""Stage 1: the files that an account owner exported become rows and documents with locations.

export_kinds        which exports there are, one row each: how they are known, made and joined
artifacts           the nouns: artifact, location, note
cells               the values of a cell: yes or no, a time, or why neither
text_encoding       bytes to text
json_documents      JSON and YAML to nodes that know their pointer
credential_report   the credential report to rows
recognition         which export a document is
foreign_exports     what else a file may be, and what to hand in instead
terminal_copy       a terminal's copy to what commands printed
cli_text            the AWS CLI's text output to documents, where it is unambiguous
config_items        AWS Config's items to authorization details
wrappings           recorded, queried and bare answers to answers
parsing             one file to tables and documents
merged_exports      a document of several accounts to one for each
input_files         what was handed in to files, archives opened
attribution         which account and which time a file belongs to
loading             all of it: inputs to evidence
accepted_risks      the file of accepted risks
previous_report     the last report
"""
