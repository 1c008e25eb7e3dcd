"""In: reports of several quarters. Out: the proof that a finding's first date and row are kept."""

from analyzer.tracking.traces import trace_findings
from tests.tracking.small_reports import OTHER, QUARTERS, RULE, finding, quarter

ANN = finding("ann")
KEY = ANN["fingerprint"]
NOT_ASSESSED = {RULE: {"status": "not-assessed"}}


def trace(*reports):
    """Ann's trace after these reports."""
    return trace_findings(reports)[KEY]


def day(time):
    """The day of a time; None for none."""
    return time and f"{time:%Y-%m-%d}"


def test_a_finding_that_stays_counts_its_reports():
    """From its first observation."""
    found = trace(*(quarter(each, ANN) for each in QUARTERS[:3]))
    assert (day(found.first), day(found.last), found.reports) == (QUARTERS[0], QUARTERS[2], 3)
    assert found.fixed is found.lost is None


def test_a_finding_that_is_looked_for_in_vain_is_fixed():
    """By the first report that did, however many follow."""
    found = trace(quarter(QUARTERS[0], ANN), quarter(QUARTERS[1]), quarter(QUARTERS[2]))
    assert (day(found.fixed), found.reports) == (QUARTERS[1], 1)


def test_a_finding_that_comes_back_keeps_its_first_date():
    """And counts its reports anew."""
    reports = [quarter(QUARTERS[0], ANN), quarter(QUARTERS[1])]
    found = trace(*reports, *(quarter(each, ANN) for each in QUARTERS[2:4]))
    assert (day(found.first), found.reports, found.fixed) == (QUARTERS[0], 2, None)


def test_what_nobody_could_look_for_is_lost_and_not_fixed():
    """Where the check was not assessed, or left somebody unread."""
    for rules in (NOT_ASSESSED, {RULE: {"unknown": 1}}):
        found = trace(quarter(QUARTERS[0], ANN), quarter(QUARTERS[1], rules=rules))
        assert (day(found.lost), found.fixed) == (QUARTERS[1], None)


def test_an_account_that_was_left_out_says_nothing():
    """Its findings are neither fixed nor lost."""
    other = quarter(QUARTERS[1], accounts=(OTHER,))
    found = trace(quarter(QUARTERS[0], ANN), other)
    assert found.fixed is found.lost is None
    assert trace(quarter(QUARTERS[0], ANN), other, quarter(QUARTERS[2], ANN)).reports == 2


def test_a_report_tells_of_what_was_gone_before_it():
    """So that it alone stands for the whole chain; older shapes tell nothing."""
    gone = {
        **{name: ANN[name] for name in ("fingerprint", "rule", "severity", "account")},
        **{name: ANN[name] for name in ("resource", "title", "status")},
        "since": "2025-01-01T08:00:00Z", "last": "2025-04-01T08:00:00Z", "reports": 2,
        "fixed": "2025-07-01T08:00:00Z", "lost": None, "change": None, "change_reason": "",
    }  # fmt: skip
    report = quarter(QUARTERS[0]) | {"history": {"gone": [gone]}}
    found = trace(report)
    assert (day(found.first), day(found.fixed), found.reports) == ("2025-01-01", "2025-07-01", 2)
    assert day(trace(report, quarter(QUARTERS[1], ANN)).first) == "2025-01-01"
    assert trace_findings([quarter(QUARTERS[0]) | {"history": "none"}]) == {}


def test_a_report_tells_in_how_many_before_it_a_finding_stands():
    """Those reports need not be handed in again."""
    told = ANN | {"since": "2025-01-01T08:00:00Z", "reports": 4}
    found = trace(quarter(QUARTERS[0], told), quarter(QUARTERS[1], ANN | {"reports": 1}))
    assert (day(found.first), found.reports) == ("2025-01-01", 5)


def test_two_reports_of_one_time_are_one_look():
    """As where each account has a report of its own."""
    first = quarter(QUARTERS[0], ANN)
    assert trace(first, quarter(QUARTERS[0], finding("zoe", account=OTHER), accounts=(OTHER,)),
                 quarter(QUARTERS[1], ANN)).reports == 2  # fmt: skip
    assert trace(first, first).reports == 1
