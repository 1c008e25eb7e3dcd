"""In: nothing. Out: the services whose region in the credential report says nothing."""

GLOBAL_SERVICES = frozenset(
    {
        "account", "artifact", "billing", "budgets", "ce", "chime", "cloudfront", "cur",
        "globalaccelerator", "health", "iam", "importexport", "networkmanager", "organizations",
        "pricing", "route53", "route53domains", "shield", "support", "trustedadvisor", "waf",
    }
)  # fmt: skip
"""Services with one endpoint, whose region says nothing of where the caller works.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
(aws:RequestedRegion: global services are in us-east-1)
"""
