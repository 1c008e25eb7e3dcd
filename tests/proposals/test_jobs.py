"""The jobs that rights show, and who stands apart from them."""

from analyzer.proposals.jobs import jobs_of
from tests.builders import account
from tests.proposals.people import people_of


def office():
    """Two engineers and two sellers in groups, one engineer with a right more, one stranger."""
    case = account().empty_group("eng").attached("AmazonEC2FullAccess")
    case = case.empty_group("sell").attached("AmazonSESFullAccess")
    for name, group in (("a1", "eng"), ("a2", "eng"), ("b1", "sell"), ("b2", "sell")):
        case = case.user(name).password().group(group).attached("IAMUserChangePassword")
    case = case.user("a3").password().group("eng").attached("IAMUserChangePassword")
    case = case.attached("AmazonS3FullAccess")
    return case.user("odd").password().attached("IAMUserChangePassword", "job-function/Billing")


def labels(rights):
    """The names of rights."""
    return [each.label for each in rights]


def test_what_everyone_holds_is_apart_from_what_a_job_gives():
    """A base, and a job named as the group that gives it."""
    found = jobs_of(people_of(office()))
    assert labels(found.base) == ["IAMUserChangePassword"]
    assert [(job.name, job.members) for job in found.jobs] == [
        ("eng", ("a1", "a2")),
        ("sell", ("b1", "b2")),
    ]


def test_an_outlier_is_told_by_the_right_that_sets_it_apart():
    """The nearest job, and the one right more."""
    a3, odd = jobs_of(people_of(office())).outliers
    assert (a3.user, a3.nearest, labels(a3.besides), a3.lacking) == (
        "a3",
        "eng",
        ["AmazonS3FullAccess"],
        (),
    )
    assert (odd.user, odd.nearest, labels(odd.besides)) == ("odd", "", ["Billing"])
