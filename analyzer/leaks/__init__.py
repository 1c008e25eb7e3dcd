"""Stage 3: leaked credentials in repositories and files.

lazy_regex         regular expressions that are compiled when first used
compiled           expressions of Hyperscan to a database, kept beside the byte code
kind_facts         what is said of each kind: prose, severity, steps
credential_kinds   the kinds of credentials: the tables of credential_kinds.toml
model              the nouns: sighting, occurrence, credential, scan
faults             a step of the search that raises costs itself alone
options            what a scan is asked to do
exclusions         patterns of paths to leave out, and a count of what they met
key_id             what an access key ID says by itself
decode             character sets, escapes, encodings, concatenation undone
detect             candidates in a text, paired and proven
detect_secrets     the adapter to detect-secrets, both ways
sources            what is scanned: files, git objects, the index
attribution        which commit introduced a sighting; sightings merged into credentials
suppression        inline comments, ignore files, baselines; redaction
results            what work items gave, added up for each source and repository
narrowing          finds without those that the caller asked to leave out
part_scans         scans the part that was asked for: the index, commits, a push, a message
running            runs work items on several processes
opened             an opened repository, and what the cache has of it
budgets            what stores unpack to, shared out among work items
completion         what is known only once all objects of a repository were scanned
histories          git directories: opened, their objects scanned, and completed
scheduler          files, then histories, then what is left out
scan               the one entrance to the stage
"""
