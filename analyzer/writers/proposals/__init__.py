"""Proposals as JSON, as text and as Terraform.

terraform    resources in HCL, whatever the names hold
groups       a proposal of groups
roles        proposed roles
policies     proposed policies
"""
