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
previous_report     one earlier report
earlier_reports     all that were handed in, and what they say last of each account
roster_model        the nouns of a list of people: row, person, state
roster_fields       the header of a column to what it tells of a person
roster_values       a cell of a roster to a day or a state
workbook            an XLSX workbook to rows of text
roster_tables       a list of people in any format to columns and records
roster_rows         records to rows about people, and what is doubtful
roster_settings     the file beside the rosters
roster              the lists of people that were handed in to people
"""
