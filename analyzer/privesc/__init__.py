"""Stage 4b: the escalation graph: who can become what, path by path.

catalogue          the known escalation paths
giving_policies    what a policy would give whoever gets it
role_trusts        whom the roles of an account trust
taken_names        the names that are taken in an account
principal_sets     principals and policies of an account, each set by one quality
account_facts      facts that paths ask for, as sets of principals
instance_profiles  the roles that a machine can be given
policies_to_give   the policies that a request can give somebody
request_choices    the condition keys that a request carries
tagging            which of the tags that policies test a principal may set, on whom
other_names        the names that a user could take on and that policies tell apart
new_principals     whether one new user or role meets all that a path asks
targets            the real resources that a requirement can mean
requirements       whether a principal meets what a path requires
changed_actors     a principal as it is after a change
changes            what a path changes about a principal
outcomes           what a path leads to
differences        the paths for which a change can matter
moves              which paths a principal can take as it is
edges              which paths it can take, also after changes
granting           by what one gives rights to others
steps              the steps of which edges and routes are made
search             who gets to full rights, and in how many steps
joint_search       who can act as two principals of which one arms the other
graph              all edges, and how far everyone gets
deny_policy        a Deny policy that closes the certain paths of one principal
entry_points       how far one way of coming in leads
"""
