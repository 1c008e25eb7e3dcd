"""Stage 5c: what would be enough. Proposals that change nobody's rights unless chosen.

rights              which rights each person holds, and from where
group_sets          people with the same rights, found as sets
group_names         what a proposed group is called
jobs                the jobs that rights show, and who fits none
groups              the groups that would carry what people hold directly, and who joins
inline_names        names for inline policies that come together in one place
regrouped           the account as it would be, and proof that nobody's rights changed
aws_commands        one command of the AWS CLI, quoted for a shell
group_steps         the moves as such commands, each after what it needs
platforms           where a program can run, told by the file that holds its key
workloads           where the program of one user runs
remotes             what searched repositories say of themselves
role_trust          the trust policy that lets in this program alone
roles               a role for each user whose key a program uses
role_reach          proof that no role can do more than the key it replaces
role_steps          the order of the change
testimony           what one piece of evidence says of use
event_actions       the IAM actions of a CloudTrail event
last_accessed       AWS's answer on what a principal last used
analyzer_testimony  Access Analyzer's findings and recommendations
trail_events        the events of CloudTrail's files
trail_testimony     what they say was used, and what was not
use                 what is known of each principal's use
policy_holders      each policy that somebody holds
trimming            a policy's text without what was not used
policy_size         texts within IAM's limits
policies            what would be enough of each policy
trimmed_account     the account as it would be, and proof that nothing used is lost
policy_steps        the change as commands
policy_remedies     proposed policies as the fix of findings
account_proposals   all that is proposed for an account, proven
"""
