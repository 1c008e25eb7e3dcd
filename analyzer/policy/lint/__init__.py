"""What policies say without effect: parts that match nothing, conditions that hold for everybody.

faults          the nouns: fault, its kind, its meaning, Access Analyzer's code
action_details  the resources and condition keys of each action, dated
condition_keys  the types of condition keys, and which requests have them
surroundings    what a lint knows beside the policy
grammar         what IAM's grammar does not allow
scopes          the actions and resources of a statement
values          values that no key can have
clauses         a statement's conditions, one by one
vacuity         whether they keep anybody out
exclusions      conditions that exclude each other
repetitions     what another part of the policy says, or takes away
trusts          what only a trust policy can get wrong
policies        all of them for one document
"""
