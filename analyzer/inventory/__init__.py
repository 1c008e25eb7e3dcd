"""Stage 2: all exports of an account joined into one immutable Account.

model                   the nouns: account, user, group, role, policy, access key
listed_keys             which entry of a list of keys each slot of the report is
report_rows             a row of the credential report to its entry
principal_entries       a principal's entry to what it holds, and what can't be placed
details_gaps            entries to what they name and do not list
authorization_details   pages of authorization details to principals and policies
small_exports           the other exports to what they add
newest_exports          which of several exports of one thing counts
account_documents       the documents that speak of an account
join                    evidence to accounts
name_variants           a person's name to spellings of it
people_index            a roster's people by each of their keys
user_keys               what of a user may name a person
people                  whose user is whose, by a roster, and how surely
unique_ids              AIDA…, AROA… and the like of an account
"""
