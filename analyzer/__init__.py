"""credaudit: an AWS IAM audit that runs in a room with no network. Data flows down this list.

errors      what can go wrong, as sentences
config      thresholds and settings of a run
display     names made visible: control and look-alike characters
globs       patterns with * and ?: matching, covering, overlap
files       untrusted files and folders, opened safely
forks       work shared among forked processes
archives    zip, tar, bundles, compressed files, within a budget
evidence    files in: recognised, hashed, parsed; rows know where they stood
inventory   all exports of an account, joined into one immutable Account
git         an object reader for hostile repositories
leaks       repositories and files to leaked credentials
policy      effective permissions, as one of four verdicts
privesc     the escalation graph
risk        leaks joined to accounts: owner, status, blast radius, response
rules       judgement: one function a check, one catalogue of all prose
score       points, grade and ledger
proposals   policies, groups and roles that would be enough
tracking    finding against finding, quarter against quarter
controls    frameworks, control by control
companions  what lies beside the exports: earlier report, accepted risks, people
writers     the report document, and every format drawn from it
audit       the whole run on one page
cli         one small file a command
__main__    python -m analyzer
"""

__version__ = "0.1.0"
