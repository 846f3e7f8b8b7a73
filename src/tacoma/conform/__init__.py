"""
Conformance: published numbers against the rules, exactly.

A vector file holds cases of named functions, each with inputs and the outputs that its public
source states. A dialect translates the inputs of one source into arguments of `tacoma.rules` and
the results back; it contains no formula that a rulebook could need.
"""
