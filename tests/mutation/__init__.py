"""Mutation testing: does the suite notice a small change of the product?

    python -m tests.mutation map                which test calls which function, and how long it takes
    python -m tests.mutation run --count 300    judges so many mutants, chosen by --seed; prints the survivors

Nothing in the tree is changed: each mutant lives in a process of its own. What came of it is in
docs/mutation.md.
"""
