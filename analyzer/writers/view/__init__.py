"""What a page shows, worked out and sorted; the templates only set it.

chapters             the chapters and appendices, in order
score                the score, step by step
practices            practices, checks and gaps
evidence             the evidence cited
changes              what changed since the last report, and the line of the score
controls             control by control, as work papers
population           population tables, cut for a page
escalation_diagram   the ways to full rights, drawn
privileged           who holds power, as rows
leaks                leaked credentials in sentences
timeline             one credential over time, drawn
page                 a template and a report to a page
"""
