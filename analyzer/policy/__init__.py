"""Stage 4a: effective permissions: what the policies let each principal do.

Each answer is one of four verdicts: allowed, conditional, denied, not allowed.

actions                 the dated table of AWS actions
arns                    ARN patterns, and the ARNs of an account
condition_operators     one operator on one value
condition_parser        Condition blocks to clauses
conditions              clauses against a request context
service_rules           what AWS decides beside policies
documents               policy documents to statements
layers                  the layers that a request passes, and decisions
aws_managed             AWS managed policies that no export holds
organization_levels     what is attached at each level over an account
organization_policies   SCPs and RCPs
principals              who holds which policies
request_variants        the other circumstances in which a request can be made
session_tags            the tags that sessions of a role have
request_context         how a principal comes in
bound_statements        a statement bound to one request context
layer_decisions         what layers decide together
target_states           boundary and tags of the principal that a request works on
pattern_overlap         resources on which to try an action
evaluator               the layers against an action and one resource
resource_search         the best decision on any resource that could be there
trust_policies          who may assume a role
trust_ties              what a trust policy ties each of them down to
session_names           who names the sessions of a role
trust_decisions         what a trust policy says of one principal
tagged_requests         the session tags that can be asked for
federated_trust         OIDC and SAML trust
federated_requests      whether whoever speaks for a provider gets in
account_evaluators      the evaluator of any principal, made once
role_assumption         the decision on assuming a role
lint                    what policies say without effect
whole_types             whether a statement names every resource of a type
authorizer              the whole account: who can do what
assumable_roles         the roles that somebody can assume, asked once for all alike
"""
