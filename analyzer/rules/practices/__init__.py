"""One file a practice; each check is one function, named as its catalogue entry.

mfa                 practice 1
mfa_guards          practice 1: policies that demand MFA
least_privilege     practice 2: services never used
privileges          practice 2: who is administrator, and who can become it
delegation          practice 2: who can give rights to others
self_tagging        practice 2: who gives itself rights by a tag of its own
deny_lists          practice 2: Deny statements that leave a way round them
policy_statements   practice 2: statements that are too wide
policy_lint         practice 2: policies that do not do what they say
access_keys         practice 3
unused_credentials  practice 3 and 6: credentials that nobody uses
leaked_keys         practice 3: keys found in repositories
roles               practice 4
trust_policies      practice 4: who may assume a role
groups              practice 5
passwords           practice 6
reviews             practice 7
evidence_quality    practice 7: what the evidence itself shows
identities          practice 8
"""
