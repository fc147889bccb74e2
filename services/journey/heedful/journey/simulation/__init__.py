"""A world whose causes are known: what insights are tried on. Pure, and the same for a seed.

`simulate.simulate` makes it from a `plan.SimulationPlan`; `truth.Truth` says what was planted.
"""
