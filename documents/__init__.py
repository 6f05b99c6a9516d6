"""Papers as files: data to a sealed PDF with typst, signatures and their verification with pyHanko, bundles.

It knows no model of ours: it takes values and returns bytes.
"""
