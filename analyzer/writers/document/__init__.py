"""The report document: all that report.json holds, and all that is drawn from it.

parts                parts that several sections share
population           every user, role, group and key, in tables
privileged           who holds power over the account
leaked_credentials   leaked credentials joined to the account
controls             control by control, for each framework
proposed             what would be enough
history              the quarters before, and what became of each finding
report               the whole document
"""
