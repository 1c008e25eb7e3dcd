"""One file a practice; each check is one function, named as its catalogue entry.

mfa                     practice 1
mfa_guards              practice 1: policies that demand MFA
mfa_devices             practice 1: spare devices
root_certificates       practice 1: root's signing certificates
least_privilege         practice 2: services never used
unused_actions          practice 2: actions never used
privileges              practice 2: who is administrator, and who can become it
delegation              practice 2: who can give rights to others
policy_statements       practice 2: statements that are too wide
policy_lint             practice 2: policies that do not do what they say
access_keys             practice 3
unused_credentials      practice 3 and 6: credentials that nobody uses
surplus_credentials     practice 3 and 4: credentials beside those that a user works with
service_credentials     practice 2 and 3: keys and passwords of single services
key_movements           practice 3 and 7: keys that are used in another place than before
leaked_keys             practice 3: keys found in repositories
roles                   practice 4
trust_policies          practice 4: who may assume a role
groups                  practice 5
password_policy         practice 6: what the account asks of passwords
passwords               practice 6: passwords that stay as they were
reviews                 practice 7
unused_access_analyzer  practice 7: whether anybody looks for unused access
evidence_quality        practice 7: what the evidence itself shows
identities              practice 8
similar_names           practice 8: users that may be one person
leavers                 practice 8: users and programs of those who left, by a list of people
people                  practice 8: users of nobody, people with several users
rosters                 practice 8: what the lists of people show of themselves
forbidden_policies      practice 2: managed policies on the auditor's list
outside_trusts          practice 4: what accounts outside may do
anonymous_trusts        practice 4: roles for guests and for any certificate
analyzer_findings       practice 7: what Access Analyzer found
organization            practice 7: what the organization forbids, and who rules it
monitoring              practice 7: events that are kept and told
account_contacts        practice 7: whom AWS reaches
federation              practice 8: identity providers
identity_center         practice 2 and 8: permission sets
self_tagging            practice 2: who gives itself rights by a tag of its own
deny_lists              practice 2: Deny statements that leave a way round them
"""
