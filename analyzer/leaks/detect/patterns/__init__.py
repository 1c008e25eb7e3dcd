"""One file a family of credentials: its shapes, keywords and doubts.

access_key_ids        AKIA…, ASIA… and other IDs of their shape
secret_access_keys    40 characters beside a telling name
session_tokens        tokens of temporary credentials
api_keys              Bedrock and Claude API keys
presigned_requests    presigned URLs, and what they prove
signin_tokens         console sign-in and SSO tokens
private_keys          private keys in the neighbourhood of AWS
prefixed_keys         AppSync and MWS keys
registry_tokens       ECR and CodeArtifact tokens
key_id_owners         user and expiry beside a key ID
service_credentials   service-specific and SMTP passwords
console_csv           CSV files that the console gives out
"""
