"""Stage 5: judgement. Pure functions: an account in, outcomes and findings out.

severity               how bad a finding is
catalogue              the prose and the facts of every check
finding                the nouns: resource, finding, result
outcomes               what a check says of one resource: pass, fail, unknown
leak_severity          the severity of a leak by itself
joined_leak_severity   the same with the account known
known_accounts         which accounts are no strangers
trusting_roles         what checks on trust ask of a role
external_access        what analyzers say of access from outside
guardrails             what control policies forbid everybody
workload_services      the services that run programs
root_sources           where the summary and root's row disagree
unused_access          what unused-access analyzers say
global_services        services of which a region tells nothing
listed_credentials     keys and passwords of single services, as lists name them
shared_names           words that name a crowd
workload_keys          the access keys that programs work with
user_matches           what checks say of the match of a user with a person
privilege_queries      questions that several checks ask of the graph
action_lists           the actions that read data, hand out credentials, open resources
wide_statements        statements that allow such actions without limit
practices              the checks, one file a practice
carry_over             findings of the last report that nothing closes
engine                 runs every check of the catalogue
"""
