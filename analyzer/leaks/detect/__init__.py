"""In: the bytes of one content. Out: sightings, without any secret's value.

prefilter_terms  what the prefilter searches for, and in which forms
randomness       whether a value looks drawn at random
confirmations    what is asked of a match of the prefilter
spelled_out      key IDs in dumps and lists, for the prefilter
candidate        the nouns: candidate, pattern, result
blocks           objects, sections and paragraphs of a text
doubts           why a value was likely never issued
neighbours       what stands nearest to a value
values           what a value stands for, its escapes undone
whole_tokens     a token that is a credential by itself
json_web_tokens  what a JSON Web Token says
variable_names   the name that a value is assigned to
other_vendors    another vendor's name or host beside a secret
enclosing        whether a run is a piece of a token or a signed address
patterns         one file for credentials of one sort
registry         all patterns, and the loop over them
pairing          an ID and the secret that goes with it
inner_parts      what is a part of another candidate is left out
proofs           pairs proven by recomputing a signature or password
sightings        candidates to sightings: the value goes, a digest stays
unique_ids       AIDA…, AROA… of the accounts under audit
inline_allow     comments that allow a finding
pieces           a long text in pieces that overlap
prefilter        the offsets worth a closer look
versions         what a version has from another is not searched again
window_search    the candidates of one window, in all its layers
deep_scan        the slow path: encodings and archives
detector         the fast path, which every byte passes
"""
