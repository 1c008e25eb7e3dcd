"""In: a named secret and the text around it. Out: whether another vendor's name or host is there.

Many services have "secret keys", and those that speak the language of S3 give out forty characters
as AWS does. A name that says AWS is believed before any other.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.neighbours import find_words, iter_near
from analyzer.leaks.detect.variable_names import plain_name
from analyzer.leaks.lazy_regex import lazy_regex

# Names that are no word of anything else, wherever they stand in a name.
_NAMES = lazy_regex(
    "captcha|turnstile|stripe|google|github|gitlab|bitbucket|twitter|facebook|azure|slack|twilio"
    "|sendgrid|consumer|jwt|django|flask|rails|cookie|paypal|mailgun|shopify|heroku|datadog|algolia"
    "|pusher"
    # Stores that speak the language of S3.
    "|wasabi|minio|linode|cloudflare|digitalocean|dospaces|backblaze|scaleway|aliyun|alibaba"
    "|alicloud|tencent|qcloud|oracle|softlayer|bluemix|ibmcloud|ibmcos|dreamhost|dreamobjects|vultr"
    "|exoscale|upcloud|hetzner|filebase|contabo|storj|idrive|rackspace|openstack|huawei|yandex"
    "|selectel|qiniu|volcengine|ksyun|jdcloud|baidu|ucloud|ncloud|leaseweb|ionos|gcore|tigris"
    "|supabase|storagegrid|cloudian|scality|seaweedfs|rustfs|localstack|netapp|lyvecloud|synology"
    "|zadara|petabox|arvancloud|ovhcloud|radosgw|eucalyptus|upyun"
    # Other services that call something a secret key.
    "|paystack|worksnaps|fetchrss|airbrake|flutterwave|razorpay|braintree|adyen|coinbase|binance"
    "|bitfinex|kucoin|bittrex|bitmex|okta|auth0|keycloak|supertokens|stytch|workos|firebase"
    "|onesignal|zendesk|hubspot|salesforce|mailchimp|mailjet|mandrill|sendinblue|sparkpost|nexmo"
    "|vonage|messagebird|plivo|telegram|discord|linkedin|instagram|pinterest|tiktok|snapchat"
    "|spotify|dropbox|evernote|trello|atlassian|bugsnag|rollbar|newrelic|mixpanel|grafana|splunk"
    "|logdna|papertrail|pagerduty|opsgenie|statuspage|cloudinary|imagekit|uploadcare|transloadit"
    "|mapbox|foursquare|mapquest|openai|anthropic|huggingface|elevenlabs|deepgram|assemblyai"
    "|livekit|contentful|strapi|wordpress|woocommerce|magento|bigcommerce|laravel|symfony|nextauth"
    "|authjs|betterauth|wechat|weixin|dingtalk|feishu|alipay|klarna|gocardless|chargebee|recurly"
    "|docusign|hellosign|shippo|easypost|clearbit|transifex|lokalise|pubnub|unsplash|flickr|giphy"
    "|vimeo|tumblr|reddit|strava|fitbit|garmin|planetscale|databricks|snowflake|mongodb|akamai"
    "|bunnycdn|keycdn|imperva|sonarqube|launchdarkly|optimizely|rudderstack|typeform|calendly"
    "|airtable|clickup|freshbooks|quickbooks|duffel|skyscanner|bybit|meilisearch|typesense|squareup"
)
# Short names, and words that others have in them: each is a whole word of the name.
_WORDS = frozenset(
    {
        "gcs", "gcp", "ceph", "rgw", "rados", "scw", "r2", "b2", "oss", "cos", "obs", "oci", "ibm",
        "spaces", "ovh", "clerk", "riak", "bos", "ks3", "kodo", "yc", "ali", "zenko", "seaweed",
        "plaid", "lob", "uber", "lyft", "yelp", "zoom", "agora", "ably", "xero", "steam", "twitch",
        "braze", "paddle", "mollie", "sentry", "jira", "asana", "segment", "notion", "loggly",
        "garage", "kraken", "meili", "naver", "ncp", "okx", "sanity", "square",
    }
)  # fmt: skip
# Hosts of stores that speak the language of S3, and of programs that one runs oneself.
_HOSTS = lazy_regex(
    r"wasabisys\.com|digitaloceanspaces\.com|linodeobjects\.com|backblazeb2\.com"
    r"|cloudflarestorage\.com|storage\.googleapis\.com|\bmin\.io|\bminio\b|\bscw\.cloud"
    r"|oraclecloud\.com|aliyuncs\.com|myqcloud\.com|tencentcos\.|appdomain\.cloud|softlayer\.net"
    r"|objects\.dreamhost\.com|dream\.io|vultrobjects\.com|\bexo\.io|\bovh\.(?:net|us)"
    r"|yandexcloud\.net|myhuaweicloud\.com|idrivee2|storjshare\.io|filebase\.com|contabostorage\.com"
    r"|your-objectstorage\.com|upcloudobjects\.com|ionoscloud\.com|supabase\.co|tigris\.dev"
    r"|storageapi\.dev|ksyuncs\.com|bcebos\.com|volces\.com|jdcloud-oss|qiniucs\.com|ncloudstorage\.com"
    r"|leaseweb\.com|selcdn\.ru|selectel\.|gcore\.|lyvecloud|\bceph\b|\brgw\b|radosgw|localstack"
    r"|\.upyun\.com|\bgarage\b|(?:localhost|127\.0\.0\.1):(?:9000|4566|3900)",
    re.IGNORECASE,
)
_PARTS = lazy_regex(r"[A-Z]{2,}\d?(?![a-z])|[A-Z]?[a-z]+\d?|[A-Z]+\d?|\d+")
_AWS = lazy_regex("aws|amazon")

_REACH = 600
_ENDPOINT_NAME = lazy_regex(rb"endpoint|host|server|provider|ur[il]")
"""What each of the following has in it: most blocks have none, and a search for it is fast."""
# A line that says where requests go, or who answers them: endpoint_url = https://…, provider=Minio.
_ENDPOINT = lazy_regex(
    r"(?P<name>[A-Za-z0-9_.-]{0,40}(?:endpoint|host|server|provider|url|uri)[A-Za-z0-9_-]{0,12})"
    r"[\"'`\\]{0,2}[\s:=>,(]{1,6}[\"'`\\]{0,2}(?P<value>[^\s\"'`<>,;]{3,200})",
    re.IGNORECASE,
)
_LONGEST_ENDPOINT = 256
_ENDPOINT_WORDS = frozenset(
    {"endpoint", "host", "hostname", "server", "provider", "url", "uri", "base", "http", "https",
     "name", "s3", "aws", "amazon", "storage", "object", "default", "region", "bucket", "api",
     "service", "force", "custom", "public", "config", "cfg", "client", "d", "e", "x", "end",
     "point"}
)  # fmt: skip
# Where a section ends, an object or a paragraph: what is said beyond it is said of something else.
_BORDER = lazy_regex(r"\n(?:[ \t]*(?:\[[^\]\n]{1,200}\][ \t\r]*)?(?=\n)|---)|\{|\}")
_INI_HEAD = lazy_regex(r"[ \t]*\[+([^\]\n]{1,60})\]+[ \t\r]*\Z")
_KEY_OF_MAPPING = lazy_regex(r"[ \t-]*[\"']?([\w.-]{1,40})[\"']?[ \t]*:[ \t\r]*\Z")
_KEY_OF_OBJECT = lazy_regex(r"([\w.-]{1,40})[\"']?[ \t]*(?:[:=]|=>)?[ \t\r\n]*\Z")


def reason_of_other_vendor(name: str, text: str, start: int) -> str | None:
    """Why a secret of that name, which begins at `start`, is another vendor's; None for most.

    What says AWS in its own name is another vendor's only where an endpoint beside it says so.
    """
    is_aws = _AWS.search(plain_name(name)) is not None
    if not is_aws and names_other_vendor(name):
        return "another service's: the name says so"
    before, after = _block_around(text, start)
    if not is_aws and (section := _section_name(text, start)) and names_other_vendor(section):
        return "another service's: the section says so"
    host = next(_other_hosts(f"{before}\n{after}", name), None)
    return f"another service's: the endpoint beside it is {host}" if host else None


def names_other_vendor(name: str) -> bool:
    """Whether a variable, a section or a host has the name of a vendor that is not AWS."""
    if _NAMES.search(plain_name(name)):
        return True
    return not _WORDS.isdisjoint(part.lower() for part in _PARTS.findall(name))


def _block_around(text: str, start: int) -> tuple[str, str]:
    """What stands before and after a value in its section, object or paragraph."""
    before = text[max(0, start - _REACH) : start]
    after = text[start : start + _REACH]
    begin = max((match.end() for match in _BORDER.finditer(before)), default=0)
    ends = _BORDER.search(after)
    return before[begin:], after[: ends.start() if ends else len(after)]


def _section_name(text: str, start: int) -> str:
    """The name of the section, mapping or object in which a value stands; empty where it has none.

    As in `[wasabi]`, in `wasabi:` above lines that stand further in, and in `"wasabi": {`.
    """
    before = text[max(0, start - _REACH) : start]
    brace = before.rfind("{")
    if brace > before.rfind("}"):
        match = _KEY_OF_OBJECT.search(before[:brace])
        if match and match[1] not in {"$", "env"}:
            return match[1]
    *above, own = before.split("\n")
    indent = _indent(own)
    for line in reversed(above):
        if head := _INI_HEAD.match(line):
            return head[1]
        if line.strip() and _indent(line) < indent:
            key = _KEY_OF_MAPPING.match(line)
            return key[1] if key else ""
    return ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _other_hosts(block: str, name: str) -> Iterator[str]:
    """The vendors' hosts to which requests go with a secret of that name."""
    own = {part.lower() for part in _PARTS.findall(name)}
    places = find_words(block, _ENDPOINT_NAME)
    for match in iter_near(_ENDPOINT, block, places, _LONGEST_ENDPOINT):
        host = _HOSTS.search(match["value"])
        is_provider = "provider" in match["name"].lower() and names_other_vendor(match["value"])
        words = {part.lower() for part in _PARTS.findall(match["name"])}
        if (host or is_provider) and words <= _ENDPOINT_WORDS | own:
            yield host[0].lower() if host else match["value"]
