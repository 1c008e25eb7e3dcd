"""Stage 4b: the escalation graph: who can become what, path by path.

catalogue          the known escalation paths
giving_policies    what a policy would give whoever gets it
account_facts      facts that paths ask for, as sets of principals
instance_profiles  the roles that a machine can be given
requirements       whether a principal meets what a path requires
outcomes           what a path leads to
edges              which paths a principal can take
graph              all edges, and the search for full rights
granting           by what one gives rights to others
deny_policy        a Deny policy that closes the certain paths of one principal
entry_points       how far one way of coming in leads
"""
