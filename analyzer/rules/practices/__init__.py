"""One file a practice; each check is one function, named as its catalogue entry.

mfa                 practice 1
mfa_guards          practice 1: policies that demand MFA
least_privilege     practice 2: services never used
privileges          practice 2: who is administrator, and who can become it
delegation          practice 2: who can give rights to others
policy_statements   practice 2: statements that are too wide
forbidden_policies  practice 2: managed policies on the auditor's list
access_keys         practice 3
unused_credentials  practice 3 and 6: credentials that nobody uses
leaked_keys         practice 3: keys found in repositories
roles               practice 4
trust_policies      practice 4: who may assume a role
outside_trusts      practice 4: what accounts outside may do
anonymous_trusts    practice 4: roles for guests and for any certificate
groups              practice 5
passwords           practice 6
reviews             practice 7
analyzer_findings   practice 7: what Access Analyzer found
organization        practice 7: what the organization forbids, and who rules it
monitoring          practice 7: events that are kept and told
account_contacts    practice 7: whom AWS reaches
evidence_quality    practice 7: what the evidence itself shows
identities          practice 8
federation          practice 8: identity providers
identity_center     practice 2 and 8: permission sets
"""
