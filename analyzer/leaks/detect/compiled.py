"""The same as `analyzer.leaks.compiled`, under the name by which the prefilter imports it."""

from analyzer.leaks.compiled import Rule, compile_rules

__all__ = ["Rule", "compile_rules"]
