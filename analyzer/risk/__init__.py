"""Stage 4c: leaks joined to accounts: owner, status, blast radius, response.

exposure           how much is exposed, and since when
freshness          whether an export is older than a leak
account_match      which account a credential belongs to
owner_candidates   who could own it, likeliest first
owner              whose it is, or who it could be
key_evidence       what the exports show of one leaked credential
key_status         whether it still works
blast_radius       what it opens
response_plan      what to do about it, in order
timeline           what happened when
assessment         all of it for each leaked credential
unsighted_keys     active keys that no repository held
"""
