"""Stage 6: control by control, what the checks say for each framework an auditor answers to.

The tables beside these modules hold every control about identity and access, one file a framework
or family of editions.

frameworks   the tables: frameworks, their controls, and the thresholds that these name
mapping      which checks stand behind a control, and who says so
judgement    a control's result in one account, and in all of them
"""
