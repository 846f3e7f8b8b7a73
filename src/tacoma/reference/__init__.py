"""
The reference venue: what the compiled engine must compute, in plain Python integers and objects.

Read `step.py` first: it tells one second on one screen, and names the file of each part. `state.py`
says what there is, `rulebook.py` what a venue decides. Everybody is looked at in every step, lists
are sorted with `sorted`, and nothing is kept that can be added up again.

A venue's formulas are those of `tacoma.rules`, written once for both; everything around them, what
happens to whom and in which order, is written here a second time. `tacoma verify` runs the engine
and this venue side by side and shows the first difference.
"""
