"""Quarter against quarter: what became of each finding, and of the score.

judged      which checks a report judged, and why two reports do not compare
traces      earlier reports, oldest first, to the trace of each finding
changes     a report's findings beside their traces: new, open, regressed, fixed
rescoring   an earlier report's score by the checks and the formula of today
quarters    what each report showed in numbers
comparison  two reports side by side
"""
