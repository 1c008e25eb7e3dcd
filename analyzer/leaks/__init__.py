"""Stage 3: leaked credentials in repositories and files.

lazy_regex         regular expressions that are compiled when first used
kind_facts         what is said of each kind: prose, severity, steps
credential_kinds   the kinds of credentials: the tables of credential_kinds.toml
model              the nouns: sighting, occurrence, credential, scan
options            what a scan is asked to do
key_id             what an access key ID says by itself
decode             character sets, escapes, encodings, concatenation undone
detect             candidates in a text, paired and proven
detect_secrets     the adapter to detect-secrets, both ways
sources            what is scanned: files, git objects, the index
attribution        sightings to credentials; which commit brought them in
suppression        comments, ignore files, baselines; redaction
scheduler          work items until none is left, on several processes
scan               the stage's one door
"""
